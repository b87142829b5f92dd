import { Ellipsis, FileDown, FileUp } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../ui/Button.tsx'
import { Menu, MenuItem } from '../../ui/Menu.tsx'
import { ExportDialog } from './ExportDialog.tsx'
import { ImportDialog } from './ImportDialog.tsx'

/** Taking unsent work to another computer. */
export function CentreMenu({ unsent, onDone }: { unsent: number; onDone: () => void }) {
  const [open, setOpen] = useState<'export' | 'import' | null>(null)
  return (
    <>
      <Menu
        label="More"
        align="end"
        trigger={
          <Button look="icon" aria-label="More">
            <Ellipsis aria-hidden size={16} />
          </Button>
        }
      >
        <MenuItem disabled={unsent === 0} onSelect={() => setOpen('export')}>
          <FileUp aria-hidden size={14} className="shrink-0 text-muted" />
          <span>
            Export unsent work…
            {unsent === 0 && <span className="block text-sm text-muted">Nothing is unsent</span>}
          </span>
        </MenuItem>
        <MenuItem onSelect={() => setOpen('import')}>
          <FileDown aria-hidden size={14} className="shrink-0 text-muted" /> Import…
        </MenuItem>
      </Menu>
      {open === 'export' && <ExportDialog unsent={unsent} onClose={() => setOpen(null)} />}
      {open === 'import' && <ImportDialog onDone={onDone} onClose={() => setOpen(null)} />}
    </>
  )
}
