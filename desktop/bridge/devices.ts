import Type, { type Static } from 'typebox'
import { DevicePage, deviceSorts, DeviceState } from '#common/contract/devices'
import { Closed, Nullable, Text, Uuid } from '#common/contract/primitives'

export const DevicesQuery = Closed({
  search: Text(200),
  state: Nullable(DeviceState),
  sort: Type.Enum(deviceSorts),
  page: Type.Integer({ minimum: 1, maximum: 100_000 }),
})
export type DevicesQuery = Static<typeof DevicesQuery>

/** The devices of the organisation; all of it is asked of the server, SERVICE_UNAVAILABLE without it. */
export const deviceRequests = {
  'devices.list': { request: DevicesQuery, answer: DevicePage },
  /** One that has signed out meanwhile is no failure. */
  'devices.signOut': { request: Closed({ id: Uuid }), answer: Closed({}) },
} as const
