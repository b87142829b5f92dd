import type * as S3 from '@aws-sdk/client-s3'
import type { Readable } from 'node:stream'
import type { BlobStore } from './blob-store.ts'

export interface S3Settings {
  bucket: string
  /** null: that of AWS for the region. */
  endpoint: string | null
  region: string
  /** null: those the platform gives to what runs on it. */
  credentials: { accessKeyId: string; secretAccessKey: string } | null
  /** Whether the bucket is in the path of an address rather than in the name of its host. */
  forcePathStyle: boolean
}

/** Milliseconds, so that a storage that does not answer holds nothing up. */
interface Patience {
  /** To connect; and for a check as a whole. */
  connect: number
  /** For a request with all its attempts, to the head of its answer. */
  request: number
  /** Without a byte of the answer, as when whoever wants it reads no further. */
  silence: number
}

const usualPatience: Patience = { connect: 5_000, request: 30_000, silence: 120_000 }

/** More are answered at once than write: a slow reader keeps a connection for as long as it reads. */
const maxSockets = 256

/** In a bucket; fails with what is wrong, and without a word of the request that would give its signature away. */
export function createS3Store(settings: S3Settings, patience = usualPatience): BlobStore {
  const { bucket: Bucket } = settings
  // Takes a while and some memory, which a server without it need not pay for.
  let opened: ReturnType<typeof open> | undefined

  async function send<T>(
    limit: number,
    work: (s3: Awaited<ReturnType<typeof open>>, during: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const s3 = await (opened ??= open(settings, patience))
    const abort = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer within ${limit / 1000} s`))
        abort.abort()
      }, limit)
    })
    try {
      return await Promise.race([work(s3, { abortSignal: abort.signal }), late])
    } catch (error) {
      throw explained(error as Failure, settings)
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    async put(Key, Body, ContentType) {
      await send(patience.request, ({ client, PutObjectCommand }, during) =>
        client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType }), during),
      )
    },

    get: (Key) =>
      send(patience.request, async ({ client, GetObjectCommand, NoSuchKey }, during) => {
        try {
          const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }), during)
          return Body as Readable
        } catch (error) {
          if (error instanceof NoSuchKey) return null
          throw error
        }
      }),

    async remove(Key) {
      await send(patience.request, async ({ client, DeleteObjectCommand, NoSuchKey }, during) => {
        try {
          await client.send(new DeleteObjectCommand({ Bucket, Key }), during)
        } catch (error) {
          // Of one that is not there AWS says nothing; others do.
          if (!(error instanceof NoSuchKey)) throw error
        }
      })
    },

    /** That the bucket is there for these credentials; what they may do in it shows when it is done. */
    async check() {
      await send(patience.connect, ({ client, HeadBucketCommand }, during) =>
        client.send(new HeadBucketCommand({ Bucket }), during),
      )
    },

    close: () => void opened?.then(({ client }) => client.destroy()),
  }
}

async function open({ endpoint, region, credentials, forcePathStyle }: S3Settings, patience: Patience) {
  const s3 = await import('@aws-sdk/client-s3')
  const client = new s3.S3Client({
    region,
    forcePathStyle,
    ...(endpoint && { endpoint }),
    ...(credentials && { credentials }),
    // The signature covers the bytes already, and not every storage knows the checksums of AWS.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: patience.connect,
      socketTimeout: patience.silence,
      httpAgent: { maxSockets },
      httpsAgent: { maxSockets },
    },
  })
  return { ...s3, client }
}

type Failure = Error & { code?: string; $metadata?: S3.S3ServiceException['$metadata'] }

function explained({ name, message, code, $metadata }: Failure, { bucket, endpoint }: S3Settings): Error {
  const status = $metadata?.httpStatusCode
  if (status === undefined) {
    if (name === 'CredentialsProviderError') return new Error('The platform gives no credentials for S3')
    return new Error(`The storage at ${endpoint ?? 'AWS'} does not answer: ${code ?? message}`)
  }
  if (status === 404) return new Error(`There is no bucket “${bucket}” at ${endpoint ?? 'AWS'}`)
  if (status === 403) return new Error(`The credentials may not use the bucket “${bucket}” (${name})`)
  return new Error(`The storage refused the bucket “${bucket}” with ${status} (${name})`)
}
