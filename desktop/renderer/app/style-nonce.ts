/**
 * The content security policy takes style elements only with this page's nonce. The grid is handed it; Radix's
 * scroll lock reads it from the global that bundlers use.
 */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''

Object.assign(globalThis, { __webpack_nonce__: styleNonce })
