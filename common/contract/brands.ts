import Type, { type Static } from 'typebox'
import { endpoint, fileAnswer } from './endpoint.ts'
import { byId } from './interactions.ts'
import {
  FromOffset,
  maxPictureBytes,
  pictureFields,
  pictureState,
  pictureTypes,
  Received,
} from './pictures.ts'
import { Closed, NamedText, Success, Text, Uuid, Version } from './primitives.ts'

/** Brands whose share of shelves is measured, with pictures that show what to look for. */

const fields = {
  name: NamedText(100),
  description: Text(2000),
  colour: Type.String({
    pattern: '^#[0-9a-f]{6}$',
    description: 'In which its blocks are drawn, as #0d6e6e',
  }),
}

export const Infographic = Closed({
  id: Uuid,
  brandId: Uuid,
  title: NamedText(200),
  ...pictureFields,
  ...pictureState,
})
export type Infographic = Static<typeof Infographic>

export const Brand = Closed({
  id: Uuid,
  ...fields,
  active: Type.Boolean({ description: 'Offered for new shelf marks' }),
  infographics: Type.Array(Infographic, {
    description: 'Those that have arrived whole, in the order they came',
  }),
  version: Version,
})
export type Brand = Static<typeof Brand>

const BrandAnswer = Closed({ success: Type.Literal(true), brand: Brand })
const tags = ['brands'] as const

export const listBrands = endpoint({
  method: 'GET',
  url: '/brands',
  config: { policy: 'brand.read', limit: 'read' },
  schema: {
    tags,
    summary: 'The brands of the organisation by name, those out of use too',
    response: { 200: Closed({ brands: Type.Array(Brand) }) },
  },
})

export const readBrand = endpoint({
  method: 'GET',
  url: '/brands/:id',
  config: { policy: 'brand.read', limit: 'read' },
  schema: { tags, summary: 'One brand', params: byId, response: { 200: Closed({ brand: Brand }) } },
})

export const createBrand = endpoint({
  method: 'POST',
  url: '/brands',
  config: { policy: 'brand.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Add a brand; it may bring its own id',
    body: Closed({ id: Type.Optional(Uuid), ...fields }),
    response: { 201: BrandAnswer },
  },
})

export const updateBrand = endpoint({
  method: 'PUT',
  url: '/brands/:id',
  config: { policy: 'brand.manage', limit: 'write' },
  schema: {
    tags,
    summary:
      'Change a brand, take it out of use or back into it; a stale version answers 409 with the brand as it is',
    params: byId,
    body: Closed({
      name: Type.Optional(fields.name),
      description: Type.Optional(fields.description),
      colour: Type.Optional(fields.colour),
      active: Type.Optional(Type.Boolean()),
      version: Version,
    }),
    response: { 200: BrandAnswer },
  },
})

export const deleteBrand = endpoint({
  method: 'DELETE',
  url: '/brands/:id',
  config: { policy: 'brand.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Delete a brand that is marked on no shelf; another one can only be taken out of use',
    params: byId,
    response: { 200: Success },
  },
})

export const addInfographic = endpoint({
  method: 'POST',
  url: '/brands/:id/infographics',
  config: { policy: 'brand.manage', limit: 'write' },
  schema: {
    tags,
    summary: 'Announce an infographic; its bytes go to PUT /infographics/:id/content',
    params: byId,
    body: Closed({ id: Type.Optional(Uuid), title: NamedText(200), ...pictureFields }),
    response: {
      201: Closed({ success: Type.Literal(true), infographic: Infographic, fileUrl: Type.String() }),
    },
  },
})

export const listInfographics = endpoint({
  method: 'GET',
  url: '/brands/:id/infographics',
  config: { policy: 'brand.read', limit: 'read' },
  schema: {
    tags,
    summary: 'The infographics of a brand, in the order they came; those still arriving too',
    params: byId,
    response: { 200: Closed({ infographics: Type.Array(Infographic) }) },
  },
})

export const sendInfographic = endpoint({
  method: 'PUT',
  url: '/infographics/:id/content',
  config: { policy: 'brand.manage', limit: 'upload', takesBytes: maxPictureBytes },
  schema: {
    tags,
    summary:
      'Send the bytes of an infographic from an offset on; another offset than the one expected answers 409',
    params: byId,
    querystring: FromOffset,
    response: { 200: Received },
  },
})

export const readInfographicFile = endpoint({
  method: 'GET',
  url: '/infographics/:id/content',
  config: { policy: 'brand.read', limit: 'upload' },
  schema: {
    tags,
    summary: 'The infographic itself',
    params: byId,
    response: { 200: fileAnswer(...pictureTypes) },
  },
})

export const removeInfographic = endpoint({
  method: 'DELETE',
  url: '/infographics/:id',
  config: { policy: 'brand.manage', limit: 'write' },
  schema: { tags, summary: 'Remove an infographic', params: byId, response: { 200: Success } },
})
