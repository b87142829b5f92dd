import { finishOidc, oidcCallback, readOidc, startOidc } from '#common/contract/oidc'
import { originOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { OidcService, Return } from './oidc.service.ts'

export function oidcRoutes(app: App, oidc: OidcService): void {
  app.route({ ...readOidc, handler: () => ({ provider: oidc.providerName() }) })

  app.route({ ...startOidc, handler: async (request) => ({ url: await oidc.start(request.body) }) })

  app.route({
    ...finishOidc,
    handler: (request) => oidc.finish(request.body.code, request.body.verifier, originOf(request)),
  })

  app.route({
    ...oidcCallback,
    handler: async (request, reply) => {
      const query = request.url.slice(request.url.indexOf('?') + 1)
      const outcome = await oidc.comeBack(query, request.query.state, originOf(request))
      return reply
        .headers({
          'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'`,
          'referrer-policy': 'no-referrer',
        })
        .type('text/html; charset=utf-8')
        .send(page(outcome))
    },
  })
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** Leads the browser on to the app by itself, and by a link where that is switched off. */
function page(outcome: Return): string {
  const [head, words] =
    'url' in outcome
      ? [
          `<meta http-equiv="refresh" content="0; url=${escaped(outcome.url)}">`,
          `<h1>Almost there</h1><p><a href="${escaped(outcome.url)}">Go on to Fieldbook</a></p>`,
        ]
      : ['', `<h1>You are not signed in</h1><p>${escaped(outcome.refusal)}</p>`]
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Fieldbook</title>${head}
<style>body{font:16px/1.5 system-ui,sans-serif;margin:15vh auto;max-width:28rem;padding:0 1rem;color-scheme:light dark}h1{font-size:1.4rem}</style>
</head><body>${words}</body></html>`
}
