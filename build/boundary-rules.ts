import type { IForbiddenRuleType } from 'dependency-cruiser'

/** A rule, and the smallest tree that breaks it: the proof that the rule still sees what it is there for. */
export type Boundary = { rule: IForbiddenRuleType; canary: Record<string, string> }

type Target = Extract<IForbiddenRuleType, { to: { circular?: boolean } }>['to']

const tests = ['\\.test\\.tsx?$', '(^|/)test/', '^desktop/e2e/']

/** Who may import whom: the table of docs/ARCHITECTURE.md. */
export const boundaries: Boundary[] = [
  only('common/(contract|rules)', ['^common/(contract|rules)/', npm('typebox')], {
    'common/rules/a.ts': `import 'node:fs'`,
  }),
  only('common/spreadsheet', ['^common/', npm('typebox|csv-stringify|write-excel-file')], {
    'common/spreadsheet/a.ts': `import 'node:fs'`,
  }),
  only('desktop/bridge', ['^desktop/bridge/', '^common/', npm('typebox')], {
    'desktop/bridge/a.ts': `import 'electron'`,
  }),
  only('desktop/preload', ['^desktop/(preload|bridge)/', npm('electron')], {
    'desktop/preload/a.ts': `import '#common/b'`,
    'common/b.ts': '',
  }),
  only('desktop/renderer', ['^desktop/(renderer|bridge)/', '^common/', 'node_modules/'], {
    'desktop/renderer/a.tsx': `import '#desktop/main/b'`,
    'desktop/main/b.ts': '',
  }),
  never(
    'renderer-no-machine',
    '^desktop/renderer/',
    npm('electron|electron-store|better-sqlite3.*|knex|pg'),
    {
      'desktop/renderer/a.tsx': `import 'electron'`,
    },
  ),
  never('renderer-bridge-types', '^desktop/renderer/', atRuntime('^desktop/bridge/'), {
    'desktop/renderer/a.ts': `import { b } from '#desktop/bridge/b'\nb()`,
    'desktop/bridge/b.ts': 'export const b = () => {}',
  }),
  never(
    'feature-knows-no-feature',
    '^desktop/renderer/features/([^/]+)/',
    { path: '^desktop/renderer/features/', pathNot: '^desktop/renderer/features/$1/' },
    { 'desktop/renderer/features/a/A.tsx': `import '../b/B.tsx'`, 'desktop/renderer/features/b/B.tsx': '' },
  ),
  never('ui-knows-no-feature', '^desktop/renderer/ui/', '^desktop/renderer/(app|features)/', {
    'desktop/renderer/ui/A.tsx': `import '../features/b/B.tsx'`,
    'desktop/renderer/features/b/B.tsx': '',
  }),
  never(
    'main',
    '^desktop/main/',
    { path: ['^(server|db|build|desktop/(preload|renderer))/', npm('react|react-dom|knex|pg|fastify')] },
    { 'desktop/main/a.ts': `import type { B } from '#server/b'`, 'server/b.ts': 'export type B = 1' },
  ),
  never(
    'server-knows-no-desktop',
    '^(server|db)/',
    { path: ['^(desktop|build)/', npm('electron')] },
    {
      'server/a.ts': `import '#desktop/main/b'`,
      'desktop/main/b.ts': '',
    },
  ),
  only('db/migrations', [npm('knex')], { 'db/migrations/a.ts': `import '../b.ts'`, 'db/b.ts': '' }),
  never('migrations-types', '^db/migrations/', atRuntime(npm('knex')), {
    'db/migrations/a.ts': `import knex from 'knex'\nknex({})`,
  }),
  never(
    'routes-no-data',
    '^server/.+\\.routes\\.ts$',
    { path: ['\\.repository\\.ts$', npm('knex|pg')] },
    {
      'server/modules/a/a.routes.ts': `import './a.repository.ts'`,
      'server/modules/a/a.repository.ts': '',
    },
  ),
  never(
    'routes-own-module',
    '^server/modules/([^/]+)/.+\\.routes\\.ts$',
    { path: '^server/modules/', pathNot: '^server/modules/$1/' },
    { 'server/modules/a/a.routes.ts': `import '../b/b.service.ts'`, 'server/modules/b/b.service.ts': '' },
  ),
  never(
    'service-no-http-no-sql',
    '^server/.+\\.service\\.ts$',
    { path: ['\\.(routes|plugin)\\.ts$', npm('knex|pg|fastify|@fastify/[^/]+')] },
    { 'server/modules/a/a.service.ts': `import type { Knex } from 'knex'\nexport type A = Knex` },
  ),
  never(
    'jobs-one-place',
    '^server/(?!plugins/jobs\\.ts$)',
    { path: npm('pg-boss') },
    { 'server/modules/a/a.service.ts': `import 'pg-boss'` },
  ),
  never(
    'service-own-repository',
    '^server/modules/([^/]+)/.+\\.service\\.ts$',
    { path: '^server/modules/.+\\.repository\\.ts$', pathNot: '^server/modules/$1/' },
    {
      'server/modules/a/a.service.ts': `import type { B } from '../b/b.repository.ts'\nexport type A = B`,
      'server/modules/b/b.repository.ts': 'export type B = 1',
    },
  ),
  never(
    'service-types-of-others',
    '^server/modules/([^/]+)/.+\\.service\\.ts$',
    { ...atRuntime('^server/modules/'), pathNot: '^server/modules/$1/' },
    {
      'server/modules/a/a.service.ts': `import { b } from '../b/b.service.ts'\nb()`,
      'server/modules/b/b.service.ts': 'export const b = () => {}',
    },
  ),
  never(
    'repository-only-data',
    '^server/.+\\.repository\\.ts$',
    { path: ['\\.(routes|plugin|service)\\.ts$', npm('fastify|@fastify/[^/]+')] },
    { 'server/modules/a/a.repository.ts': `import './a.service.ts'`, 'server/modules/a/a.service.ts': '' },
  ),
  never(
    'tests-stay-tests',
    '^(common|server|db|desktop)/',
    { path: tests },
    {
      'server/a.ts': `import './test/b.ts'`,
      'server/test/b.ts': '',
    },
  ),
  {
    rule: {
      name: 'reliability-stays-outside',
      severity: 'error',
      from: { path: '^(common|server|db|desktop|build)/' },
      to: { path: '^reliability/' },
    },
    canary: { 'server/test/a.ts': `import '../../reliability/b.ts'`, 'reliability/b.ts': '' },
  },
  never(
    'no-circle',
    '',
    { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    {
      'common/a.ts': `import { b } from './b.ts'\nexport const a = () => b()`,
      'common/b.ts': `import { a } from './a.ts'\nexport const b = () => a()`,
    },
  ),
  never('resolvable', '', { couldNotResolve: true }, { 'common/a.ts': `import '#common/b'` }),
]

function npm(names: string) {
  return `node_modules/(@types/)?(${names})/`
}

function atRuntime(path: string): Target {
  return { path, dependencyTypesNot: ['type-only'] }
}

/** Holds for the code that runs, not for its tests. */
function never(name: string, from: string, to: string | Target, canary: Boundary['canary']): Boundary {
  const target = typeof to === 'string' ? { path: to } : to
  return { rule: { name, severity: 'error', from: { path: from, pathNot: tests }, to: target }, canary }
}

/** The room reaches these and nothing else. */
function only(room: string, allowed: string[], canary: Boundary['canary']): Boundary {
  return never(`only-${room.replace('/', '-')}`, `^${room}/`, { pathNot: allowed }, canary)
}
