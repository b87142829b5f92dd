import { createHash, randomUUID } from 'node:crypto'
import type { Endpoints } from '#common/contract/index'
import type { Target } from '#common/rules/permissions'
import { plainQuestion } from '#common/rules/survey-draft'
import { realJpeg } from '#common/rules/test/pictures'
import { type Client, meeting } from './app.ts'
import { importOptions } from './importing.ts'

/** Things that can be asked about, at one place: a site and the organisation it is in. */
export interface Things {
  tenantId: string
  siteId: string
  /** Whose things these are: an admin of the organisation. */
  adminId: string
  interaction(): Promise<{ id: string; version: number }>
  deletedInteraction(): Promise<{ id: string }>
  team(): Promise<{ id: string; version: number }>
  type(): Promise<{ id: string }>
  /** Somebody with a role in the site and in another one. */
  user(): Promise<{ id: string; version: number }>
  site(): Promise<{ id: string; version: number }>
  session(): Promise<{ id: string }>
  shop(): Promise<{ id: string; version: number }>
  brand(): Promise<{ id: string; version: number }>
  /** Of `announcedPicture`, stored. */
  infographic(): Promise<{ id: string }>
  /** Of one question. */
  survey(): Promise<{ id: string; version: number; questions: { id: string }[] }>
  publishedSurvey(): Promise<{ id: string }>
  /** Of an agent of that place. */
  visit(): Promise<{ id: string; version: number; agentId: string }>
  goal(): Promise<{ id: string; version: number }>
  /** That has not begun, of one shop. */
  callCycle(): Promise<{ id: string; version: number; locations: { id: string }[] }>
  /** Of `announcedPicture` and such a visit, stored. */
  photo(): Promise<{ id: string; visitId: string; agentId: string }>
  /** Of the admin. */
  schedule(): Promise<{ id: string; version: number }>
  notice(): Promise<{ id: string; version: number }>
}

/** Whoever asks, working at that place, to arrange what has to be their own. */
export type Asker = Client

export interface Call {
  params?: Record<string, string>
  query?: Record<string, string>
  body?: object
  /** In place of a body that is JSON. */
  bytes?: Uint8Array
  /** Of a record or person, what decides beside the role. */
  target?: Target
  /** Answers of a call that is allowed, other than success: what it asks about is made up, or cannot be had here. */
  also?: readonly number[]
  /** It ends the session it is asked with. */
  endsSession?: true
}

export type Sample = (things: Things, asker: Asker) => Call | Promise<Call>

const unique = (start: string) => `${start} ${randomUUID()}`
const madeUp = { params: { id: randomUUID() }, also: [404] }

/** What belongs to who asks; where they may not make it, any id will do. */
const own = async (made: Promise<{ status: number; body: Record<string, { id: string }> }>, name: string) =>
  ({ params: { id: (await made).body[name]?.id ?? randomUUID() } }) satisfies Call

const view = { name: 'Mine', shared: false, filter: {}, sort: [], columns: [] }

const anExport = (asker: Asker) =>
  own(asker.post<Record<string, { id: string }>>('/exports', { format: 'csv' }), 'export')
const anImport = (asker: Asker) =>
  own(asker.post<Record<string, { id: string }>>('/imports', newImport()), 'import')
const newImport = () => ({
  fileName: 'leads.csv',
  rows: 1,
  headers: ['Title', 'Start'],
  options: importOptions(['title', 'startDateTime']),
})

const ofAdmin = async ({ adminId, siteId, interaction }: Things) => {
  const record = await interaction()
  return { params: { id: record.id }, version: record.version, target: { createdBy: adminId, siteId } }
}
const aTeam = async ({ team }: Things, more: (version: number) => Partial<Call> = () => ({})) => {
  const { id, version } = await team()
  return { params: { id }, target: { inTeam: false }, ...more(version) }
}
const aUser = async ({ user }: Things, more: (version: number) => Partial<Call> = () => ({})) => {
  const { id, version } = await user()
  return { params: { id }, target: { userId: id, inTeam: false }, ...more(version) }
}
const aShop = async ({ shop }: Things, more: (version: number) => Partial<Call> = () => ({})) => {
  const { id, version } = await shop()
  return { params: { id }, ...more(version) }
}
const aBrand = async ({ brand }: Things, more: (version: number) => Partial<Call> = () => ({})) => {
  const { id, version } = await brand()
  return { params: { id }, ...more(version) }
}
const aNotice = async ({ notice }: Things, more: (version: number) => Partial<Call> = () => ({})) => {
  const { id, version } = await notice()
  return { params: { id }, ...more(version) }
}
const anInfographic = async ({ infographic }: Things, more: Partial<Call> = {}) => ({
  params: { id: (await infographic()).id },
  ...more,
})
const aSurvey = async ({ survey }: Things, more: (version: number) => Partial<Call> = () => ({})) => {
  const { id, version } = await survey()
  return { params: { id }, ...more(version) }
}
const aQuestion = async ({ survey }: Things, more: (version: number) => Partial<Call>) => {
  const { questions, version } = await survey()
  return { params: { id: questions[0]!.id }, ...more(version) }
}
const ofAgent = (agentId: string): Target => ({ createdBy: agentId, userId: agentId, inTeam: false })
const aVisit = async ({ visit }: Things, more: (version: number) => Partial<Call> = () => ({})) => {
  const { id, version, agentId } = await visit()
  return { params: { id }, target: ofAgent(agentId), ...more(version) }
}
const aPhoto = async ({ photo }: Things, more: Partial<Call> = {}) => {
  const { id, agentId } = await photo()
  return { params: { id }, target: ofAgent(agentId), ...more }
}
export const newSchedule = (recipient: string) => ({
  name: unique('Report'),
  kind: 'visits',
  format: 'csv',
  every: 'week',
  hour: 7,
  timezone: 'Europe/Berlin',
  siteId: null,
  teamId: null,
  recipients: [recipient],
  active: true,
})
const aSchedule = async (
  { schedule, adminId }: Things,
  more: (version: number) => Partial<Call> = () => ({}),
) => {
  const { id, version } = await schedule()
  return { params: { id }, target: { userId: adminId, inTeam: false }, ...more(version) }
}
const notOfAsker: Target = { userId: randomUUID(), inTeam: false }
const aGoal = async ({ goal }: Things, more: (version: number) => Partial<Call> = () => ({})) => {
  const { id, version } = await goal()
  return { params: { id }, target: notOfAsker, ...more(version) }
}
const aCycle = async (
  { callCycle }: Things,
  more: (version: number, locationId: string) => Partial<Call> = () => ({}),
) => {
  const { id, version, locations } = await callCycle()
  return { params: { id }, target: notOfAsker, ...more(version, locations[0]!.id) }
}
export const newGoal = () => ({
  name: unique('Goal'),
  metric: 'visits_completed',
  target: 10,
  brandId: null,
  startsOn: '2026-01-01',
  endsOn: '2027-12-31',
  timezone: 'UTC',
})
export const newNotice = () => ({
  kind: 'info',
  words: unique('Notice'),
  siteId: null,
  startsAt: '2026-01-01T00:00:00Z',
  endsAt: '2900-01-01T00:00:00Z',
})
export const newCycle = (userId: string, shopId: string) => ({
  name: unique('Cycle'),
  userId,
  teamId: null,
  recurrence: { every: 1, unit: 'week' },
  startsOn: '2900-01-01',
  endsOn: null,
  timezone: 'UTC',
  locations: [newLocation(shopId)],
})
const newLocation = (shopId: string) => ({ shopId, day: null, position: 0, visitsPerCycle: 1 })
const november = { from: '2026-11-01', to: '2026-11-30' }
export const newShop = () => ({
  name: unique('Shop'),
  address: '',
  reference: null,
  latitude: null,
  longitude: null,
})
export const newBrand = () => ({ name: unique('Brand'), description: '', colour: '#0d6e6e' })
export const newQuestion = () => ({
  type: 'yes_no',
  text: 'Is it open?',
  ...plainQuestion,
  required: true,
})
export const announcedPicture = {
  sha256: createHash('sha256').update(realJpeg).digest('hex'),
  size: realJpeg.length,
  type: 'image/jpeg',
  width: 8,
  height: 8,
}

const inSite = ({ siteId }: Things, more: Partial<Call> = {}): Call => ({ params: { id: siteId }, ...more })

/** A valid call of every endpoint: adding one to the contract asks for one here. */
export const samples: Record<keyof Endpoints, Sample> = {
  signIn: () => ({ body: { username: 'nobody-has-this-name', password: 'Wrong!2026' } }),
  refreshSession: () => ({ body: { refreshToken: 'x'.repeat(60) } }),
  signOut: () => ({ endsSession: true }),
  changePassword: () => ({ body: { currentPassword: 'Wrong!2026', newPassword: 'Other!2026' }, also: [400] }),
  forgotPassword: () => ({ body: { account: 'nobody-has-this-name' } }),
  resetPassword: () => ({ body: { token: 'x'.repeat(64), password: 'Other!2026' } }),
  listMySessions: () => ({}),
  endSession: () => madeUp,
  readMe: () => ({}),
  listMySites: () => ({}),
  chooseSite: ({ siteId }) => ({ body: { siteId }, also: [404] }),
  readOidc: () => ({}),
  startOidc: () => ({ body: { challenge: 'x'.repeat(43), port: 40_000 } }),
  oidcCallback: () => ({ query: { state: 'x', code: 'x' } }),
  finishOidc: () => ({ body: { code: 'x', verifier: 'x'.repeat(43) } }),

  listSites: () => ({}),
  readSite: (things) => inSite(things, { also: [404] }),
  createSite: () => ({ body: { name: unique('Site') } }),
  updateSite: async ({ site }) => {
    const { id, version } = await site()
    return { params: { id }, body: { name: unique('Site'), version } }
  },
  changeSiteSettings: (things) => inSite(things, { body: { pageSize: 25 } }),
  listSiteUsers: (things) => inSite(things),
  assignToSite: async (things) =>
    inSite(things, { body: { userId: (await things.user()).id, role: 'viewer' } }),
  removeFromSite: async (things) => inSite(things, { query: { userId: (await things.user()).id } }),
  listAuditOfSite: (things) => inSite(things),
  exportAuditOfSite: (things) => inSite(things),

  readTenantSettings: () => ({}),
  changeTenantSettings: () => ({ body: {} }),
  listTenants: () => ({}),
  readTenant: ({ tenantId }) => ({ params: { id: tenantId } }),
  createTenant: () => {
    const name = `t${randomUUID().slice(0, 18)}`
    const admin = { username: name, email: `${name}@example.org`, displayName: 'First' }
    return { body: { name: unique('Tenant'), slug: name, admin } }
  },
  updateTenant: ({ tenantId }) => ({ params: { id: tenantId }, body: { version: 1 }, also: [409] }),
  readRegistration: () => ({}),
  registerTenant: () => ({ body: {} }),

  listUsers: () => ({}),
  readUser: (things) => aUser(things),
  createUser: ({ siteId }) => {
    const username = `u${randomUUID().slice(0, 18)}`
    const sites = [{ siteId, role: 'viewer' }]
    return { body: { username, email: `${username}@example.org`, displayName: 'New', sites } }
  },
  updateUser: (things) => aUser(things, (version) => ({ body: { displayName: 'Renamed', version } })),
  disableUser: (things) => aUser(things),
  assignRoles: (things) => aUser(things, () => ({ body: { roles: ['agent'] } })),
  unlockUser: (things) => aUser(things),
  resetUserPassword: (things) => aUser(things, () => ({ also: [400, 409] })),
  inviteUser: (things) => aUser(things, () => ({ also: [400, 409] })),
  forgetUser: (things) => aUser(things),
  copyUserData: (things) => aUser(things),
  listRoles: () => ({}),

  listTypes: () => ({}),
  addType: () => ({ body: { name: randomUUID() } }),
  updateType: async ({ type }) => ({ params: { id: (await type()).id }, body: { active: false } }),
  deleteType: async ({ type }) => ({ params: { id: (await type()).id } }),

  listTeams: () => ({}),
  createTeam: () => ({
    body: { name: unique('Team'), level: 'team', parentId: null, leaderId: null },
    target: { inTeam: false },
  }),
  updateTeam: (things) => aTeam(things, (version) => ({ body: { name: unique('Team'), version } })),
  listTeamMembers: (things) => aTeam(things),
  listTeamCandidates: (things) => aTeam(things, () => ({ query: { search: 'a' } })),
  addTeamMember: async (things) => {
    const { id: userId } = await things.user()
    return aTeam(things, () => ({ body: { userId } }))
  },
  removeTeamMember: (things) => aTeam(things, () => ({ query: { userId: randomUUID() }, also: [404] })),

  listViews: () => ({}),
  saveView: () => ({ params: { id: randomUUID() }, body: view }),
  deleteView: async (_, asker) => {
    const id = randomUUID()
    await asker.put(`/views/${id}`, view)
    return { params: { id } }
  },

  listInteractions: () => ({}),
  readInteraction: ofAdmin,
  createInteraction: () => ({ body: meeting }),
  updateInteraction: async (things) => {
    const { version, ...call } = await ofAdmin(things)
    return { ...call, body: { notes: 'x', version } }
  },
  deleteInteraction: ofAdmin,
  readHistory: ofAdmin,
  listDeleted: () => ({}),
  restoreInteraction: async ({ deletedInteraction }) => ({ params: { id: (await deletedInteraction()).id } }),
  changeInBulk: async ({ interaction }) => ({
    body: { ids: [(await interaction()).id], change: { kind: 'archive' }, dryRun: true },
  }),
  undoBulk: async (_, asker) => {
    const made = await asker.post<{ interaction: { id: string } }>('/interactions', meeting)
    // Whoever may change nothing has nothing to undo.
    if (made.status !== 201) return madeUp
    const ids = [made.body.interaction.id]
    const done = await asker.post<{ bulkId: string }>('/interactions/bulk', {
      ids,
      change: { kind: 'archive' },
    })
    return { params: { id: done.body.bulkId } }
  },

  listAudit: () => ({}),
  exportAudit: () => ({}),
  readActivity: () => ({ query: { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z' } }),

  listDevices: () => ({}),
  signOutDevice: async ({ session }) => ({ params: { id: (await session()).id } }),
  reportDevice: () => ({
    body: {
      appVersion: '1.0.0',
      platform: 'Linux',
      managed: true,
      waiting: 0,
      oldestWaitingFor: null,
      lastError: null,
    },
  }),

  startExport: () => ({ body: { format: 'csv' } }),
  readExport: (_, asker) => anExport(asker),
  cancelExport: (_, asker) => anExport(asker),
  readExportFile: async (_, asker) => ({ ...(await anExport(asker)), also: [404, 409] }),
  reportLocalExport: () => ({
    params: { id: randomUUID() },
    body: {
      format: 'csv',
      filter: {},
      sort: [],
      columns: ['title'],
      rows: 1,
      at: '2026-11-21T00:00:00Z',
    },
  }),

  startImport: () => ({ body: newImport() }),
  sendImportRows: async (_, asker) => ({
    ...(await anImport(asker)),
    body: { from: 0, rows: [['A fair', '2026-03-02']] },
  }),
  listImports: () => ({}),
  readImport: (_, asker) => anImport(asker),
  checkImport: async (_, asker) => ({ ...(await anImport(asker)), body: {}, also: [400, 409] }),
  runImport: async (_, asker) => ({ ...(await anImport(asker)), also: [400, 409] }),
  undoImport: async (_, asker) => ({ ...(await anImport(asker)), also: [400, 409] }),
  cancelImport: (_, asker) => anImport(asker),
  listImportProblems: (_, asker) => anImport(asker),
  readImportFile: (_, asker) => anImport(asker),

  listShops: () => ({}),
  readShop: (things) => aShop(things),
  createShop: () => ({ body: newShop() }),
  updateShop: (things) => aShop(things, (version) => ({ body: { name: unique('Shop'), version } })),
  deleteShop: (things) => aShop(things),
  importShops: () => ({
    body: {
      rows: [{ row: 2, name: unique('Shop'), address: '', reference: '', latitude: '', longitude: '' }],
    },
  }),

  listBrands: () => ({}),
  readBrand: (things) => aBrand(things),
  createBrand: () => ({ body: newBrand() }),
  updateBrand: (things) => aBrand(things, (version) => ({ body: { name: unique('Brand'), version } })),
  deleteBrand: (things) => aBrand(things),
  addInfographic: (things) =>
    aBrand(things, () => ({ body: { title: 'How it looks', ...announcedPicture } })),
  listInfographics: (things) => aBrand(things),
  sendInfographic: (things) => anInfographic(things, { query: { offset: '0' }, bytes: realJpeg }),
  readInfographicFile: (things) => anInfographic(things),
  removeInfographic: (things) => anInfographic(things),

  listSurveys: () => ({}),
  readSurvey: async ({ publishedSurvey }) => ({ params: { id: (await publishedSurvey()).id } }),
  readSurveyVersion: async ({ publishedSurvey }) => ({
    params: { id: (await publishedSurvey()).id, number: '1' },
  }),
  createSurvey: () => ({ body: { name: unique('Survey'), description: '' } }),
  updateSurvey: (things) => aSurvey(things, (version) => ({ body: { name: unique('Survey'), version } })),
  deleteSurvey: (things) => aSurvey(things),
  publishSurvey: (things) => aSurvey(things, (version) => ({ body: { version } })),
  addQuestion: (things) => aSurvey(things, (version) => ({ body: { ...newQuestion(), version } })),
  updateQuestion: (things) => aQuestion(things, (version) => ({ body: { text: 'Is it?', version } })),
  deleteQuestion: (things) => aQuestion(things, (version) => ({ query: { version: String(version) } })),

  listVisits: () => ({}),
  readVisit: (things) => aVisit(things),
  listVisitPhotos: (things) => aVisit(things),
  listGoals: () => ({}),
  readGoal: (things) => aGoal(things),
  readGoalProgress: (things) => aGoal(things),
  createGoal: () => ({ body: newGoal() }),
  updateGoal: (things) => aGoal(things, (version) => ({ body: { name: unique('Goal'), version } })),
  deleteGoal: (things) => aGoal(things),
  assignGoal: (things) => aGoal(things, () => ({ body: { userId: things.adminId, teamId: null } })),
  unassignGoal: (things) => aGoal(things, () => ({ query: { assignmentId: randomUUID() }, also: [404] })),

  listCallCycles: () => ({}),
  readCallCycle: (things) => aCycle(things),
  readCycleStatus: (things) => aCycle(things),
  // For those whom a leader of nobody does not lead, with a shop they may not add.
  createCallCycle: async (things, asker) => ({
    body: newCycle(
      things.adminId,
      (await asker.post<{ shop?: { id: string } }>('/shops', newShop())).body.shop?.id ?? randomUUID(),
    ),
    also: [400],
  }),
  updateCallCycle: (things) => aCycle(things, (version) => ({ body: { name: unique('Cycle'), version } })),
  deleteCallCycle: (things) => aCycle(things),
  addCycleLocations: async (things) => {
    const { id: shopId } = await things.shop()
    return aCycle(things, (version) => ({ body: { locations: [newLocation(shopId)], version } }))
  },
  explainMiss: (things) =>
    aCycle(things, (_, locationId) => ({
      body: { locationId, period: '2900-01-01', slot: 0, reason: 'Closed' },
    })),
  readPlan: () => ({}),

  readOverview: () => ({ query: november }),
  readVisitSeries: () => ({ query: { ...november, unit: 'day' } }),
  readShopFigures: () => ({ query: november }),
  readShelfShare: () => ({ query: { ...november, unit: 'week' } }),
  readShelfShareByShop: async ({ brand }) => ({ query: { ...november, brandId: (await brand()).id } }),
  readCoverage: () => ({ query: november }),
  listCoverageSlots: () => ({ query: november }),
  readInteractionFigures: () => ({ query: november }),
  readAnalyticsChoices: () => ({}),

  startVisit: () => ({ body: { visitType: 'routine' } }),
  updateVisit: (things) => aVisit(things, (version) => ({ body: { notes: 'x', version } })),
  completeVisit: (things) => aVisit(things, (version) => ({ body: { version } })),
  addPhoto: async ({ visit }) => {
    const { id: visitId, agentId } = await visit()
    return { body: { visitId, purpose: 'shelf', ...announcedPicture }, target: ofAgent(agentId) }
  },
  readPhoto: (things) => aPhoto(things),
  readPhotoFile: (things) => aPhoto(things),
  readThumbnail: (things) => aPhoto(things, { also: [404] }),
  sendPhoto: (things) => aPhoto(things, { query: { offset: '0' }, bytes: realJpeg }),
  sendThumbnail: (things) => aPhoto(things, { bytes: realJpeg }),
  removePhoto: (things) => aPhoto(things),
  markShelf: (things) => aPhoto(things, { body: { quadrants: [] } }),

  readSurveyCompletion: () => ({ query: { from: '2026-11-01', to: '2026-11-30' } }),
  readFleetHealth: () => ({}),
  listNotices: () => ({}),
  createNotice: () => ({ body: newNotice() }),
  updateNotice: (things) => aNotice(things, (version) => ({ body: { words: unique('Notice'), version } })),
  withdrawNotice: (things) => aNotice(things),

  listSchedules: () => ({}),
  // Of one's own sight, which who only entered the organisation has none of.
  createSchedule: ({ adminId }) => ({ body: newSchedule(adminId), also: [400] }),
  updateSchedule: (things) => aSchedule(things, (version) => ({ body: { name: unique('Report'), version } })),
  deleteSchedule: (things) => aSchedule(things),
  sendSchedule: (things) => aSchedule(things),

  pushMutations: () => ({ body: { deviceId: randomUUID(), mutations: [{ mutationId: randomUUID() }] } }),
  pullChanges: () => ({ query: { deviceId: randomUUID(), limit: '1' } }),
}

/** The call as the test client makes it. */
export function send(
  asker: Client,
  { method, url }: { method: 'GET' | 'POST' | 'PUT' | 'DELETE'; url: string },
  { params = {}, query, body, bytes }: Call,
  headers: Record<string, string> = {},
) {
  const path = url.replaceAll(/:(\w+)/g, (_, name: string) => params[name]!)
  return asker.call<unknown>(method, path, {
    headers: { ...headers, ...(bytes && { 'content-type': 'application/octet-stream' }) },
    ...(query && { query }),
    ...(body && { payload: body }),
    ...(bytes && { payload: Buffer.from(bytes) }),
  })
}
