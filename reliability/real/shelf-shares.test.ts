import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { electronBinary } from '#build/electron-binary'
import type { MarkedQuadrant } from '#common/contract/photos'
import { polygonProblem } from '#common/rules/shelf-share'
import { layoutsOfShelves, thousandLayouts } from '#common/rules/test/layouts'
import { createFieldWork } from '#server/test/field-work'
import type { Layout } from './shelf-shares-process.ts'

const field = await createFieldWork()
const agent = await field.person('agnes', ['agent'], { [field.site]: 'viewer' })

/** What the app measures, in the Electron it runs in. */
async function sharesInElectron(layouts: readonly Layout[]): Promise<number[][]> {
  const { executable } = await electronBinary()
  const running = promisify(execFile)(executable, [join(import.meta.dirname, 'shelf-shares-process.ts')], {
    cwd: join(import.meta.dirname, '../..'),
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    maxBuffer: 64 * 1024 * 1024,
  })
  running.child.stdin!.end(JSON.stringify(layouts))
  const { electron, shares } = JSON.parse((await running).stdout) as {
    electron: string | null
    shares: number[][]
  }
  expect(electron).not.toBeNull()
  return shares
}

test(
  'of a thousand layouts the app in its Electron and the server behind its API have the same shares, to the last digit',
  { timeout: 300_000 },
  async () => {
    const layouts = fc.sample(layoutsOfShelves, thousandLayouts).map(([blocks, shelf]): Layout => ({
      polygons: blocks.filter((polygon) => polygonProblem(polygon) === null),
      shelf: shelf && polygonProblem(shelf) === null ? shelf : null,
    }))
    const onDevice = await sharesInElectron(layouts)

    const { id: brandId } = await field.brand('Arla')
    const visit = await field.start(agent)
    const onServer: number[][] = []
    let next = 0
    const markOne = async () => {
      const photo = await field.addPhoto(agent, visit.id)
      while (next < layouts.length) {
        const at = next++
        const { shelf, polygons } = layouts[at]!
        const { status, body } = await agent.post<{ photo: { quadrants: MarkedQuadrant[] } }>(
          `/photos/${photo.id}/shelf_quadrants`,
          { shelf, quadrants: polygons.map((polygon) => ({ brandId, polygon })) },
        )
        expect(status).toBe(200)
        onServer[at] = body.photo.quadrants.map(({ areaPercentage }) => areaPercentage)
      }
    }
    await Promise.all(Array.from({ length: 6 }, markOne))
    expect(onServer).toEqual(onDevice)
    expect(onDevice).toHaveLength(1000)
    expect(onDevice.flat().filter((share) => share > 0).length).toBeGreaterThan(2000)
  },
)
