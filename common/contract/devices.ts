import Type, { type Static } from 'typebox'
import { endpoint } from './endpoint.ts'
import { byId } from './interactions.ts'
import { Closed, Instant, NamedText, Nullable, Success, Text, Uuid } from './primitives.ts'

/** The devices of an organisation: each is a session that nobody has ended, with what it told of itself. */

const Waiting = Type.Integer({ minimum: 0, maximum: 10_000_000, description: 'Edits that were not sent yet' })
const Seconds = Type.Integer({ minimum: 0, maximum: 10 * 365 * 86_400 })
/** One of a set that grows with the app; by its shape it can hold nothing of anybody's. */
const ErrorName = Type.String({ pattern: '^[A-Z][A-Z_]*$', maxLength: 40 })

/**
 * What a device tells of itself. How long ago something was is said in seconds, so that a clock that is wrong does no
 * harm.
 */
export const DeviceReport = Closed({
  appVersion: Type.String({ pattern: '^[0-9A-Za-z][0-9A-Za-z.+-]*$', maxLength: 40 }),
  platform: NamedText(60),
  managed: Type.Optional(
    Type.Boolean({ description: 'Whether IT has set something of the app on this device' }),
  ),
  waiting: Waiting,
  oldestWaitingFor: Nullable({ ...Seconds, description: 'Seconds the oldest of them has waited' }),
  lastError: Type.Union([Closed({ code: ErrorName, ago: Seconds }), Type.Null()], {
    description:
      'Why synchronising last failed since the app was started; null leaves what was reported before',
  }),
})
export type DeviceReport = Static<typeof DeviceReport>

export const Device = Closed({
  id: Uuid,
  user: Closed({ id: Uuid, displayName: Type.String(), username: Type.String() }),
  deviceName: Nullable(Type.String({ description: 'What it called itself' })),
  isThis: Type.Boolean({ description: 'The one that asks' }),
  startedAt: Instant,
  lastUsedAt: { ...Instant, description: 'Its last request, give or take a few minutes' },
  expiresAt: Instant,
  isOver: Type.Boolean({ description: 'It was not used for so long that it signed out by itself' }),
  /** Null where it never reported, as a program of somebody else’s. */
  reportedAt: Nullable(Instant),
  appVersion: Nullable(Type.String()),
  platform: Nullable(Type.String()),
  /** Not told by a server of before; null by an app of before. */
  managed: Type.Optional(Nullable(Type.Boolean())),
  waiting: Nullable(Type.Integer({ minimum: 0 })),
  oldestWaitingAt: Nullable(Instant),
  lastError: Nullable(Closed({ code: Type.String(), at: Instant })),
})
export type Device = Static<typeof Device>

/** Days without a request after which a device counts as not seen. */
export const unseenAfterDays = 7
/** Days that one which signed out by itself stays in the list, unless its person signs in on it again. */
export const overForDays = 90

/**
 * `outdated`: on an older version than the newest that any device of the organisation has. `unseen`: not seen for so
 * many days. `waiting`: it last reported edits that were not sent. `failing`: it reported an
 * error of less than a day before it was last seen.
 */
export const deviceStates = ['outdated', 'unseen', 'waiting', 'failing'] as const
export const DeviceState = Type.Enum(deviceStates)
export type DeviceState = Static<typeof DeviceState>

const sortable = ['person', 'device', 'appVersion', 'lastUsedAt', 'oldestWaitingAt'] as const
export const deviceSorts = [...sortable, ...sortable.map((name) => `-${name}` as const)]

export const DevicePage = Closed({
  devices: Type.Array(Device),
  total: Type.Integer({ minimum: 0 }),
  page: Type.Integer({ minimum: 1 }),
  pageSize: Type.Integer({ minimum: 1 }),
})
export type DevicePage = Static<typeof DevicePage>

export const DeviceListQuery = Closed({
  search: Type.Optional({ ...Text(200), description: 'In what people and devices are called' }),
  state: Type.Optional(DeviceState),
  sort: Type.Optional(
    Type.Enum(deviceSorts, { description: '-lastUsedAt unless said otherwise; - for descending' }),
  ),
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  pageSize: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: '25 unless said otherwise' }),
  ),
})
export type DeviceListQuery = Static<typeof DeviceListQuery>

const tags = ['devices'] as const

export const listDevices = endpoint({
  method: 'GET',
  url: '/admin/devices',
  config: { policy: 'device.manage', limit: 'read' },
  schema: {
    tags,
    summary:
      'Where people of the organisation are signed in, or were until their session ran out, and what those devices told of themselves',
    querystring: DeviceListQuery,
    response: { 200: DevicePage },
  },
})

export const signOutDevice = endpoint({
  method: 'DELETE',
  url: '/admin/devices/:id',
  config: { policy: 'device.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Sign a device out: its next request is refused, and what it has not sent stays on it',
    params: byId,
    response: { 200: Success },
  },
})

export const reportDevice = endpoint({
  method: 'PUT',
  url: '/auth/device',
  config: { policy: 'session.own', limit: 'read' },
  schema: {
    tags,
    summary: 'A device tells of itself: now and then, and when something changed that matters',
    body: DeviceReport,
    response: { 200: Success },
  },
})
