import { Component, type ReactNode } from 'react'
import { Button } from '../ui/Button.tsx'

/** Stands in for the whole window when drawing it fails. What was saved is with main and safe. */
export class Crash extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <main role="alert" className="grid h-full place-items-center p-6">
        <div className="max-w-sm pb-16 text-center">
          <h1 className="text-xl font-semibold tracking-tight">This window stopped working</h1>
          <p className="mt-1.5 text-muted">Everything you saved is safe. Open the window anew to go on.</p>
          <Button look="primary" className="mt-4" onClick={() => location.reload()}>
            Open it anew
          </Button>
        </div>
      </main>
    )
  }
}
