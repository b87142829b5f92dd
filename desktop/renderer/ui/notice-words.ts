import type { NoticeKind } from '#common/contract/notices'

export const noticeKindWords: Record<NoticeKind, string> = {
  maintenance: 'Maintenance',
  warning: 'Warning',
  info: 'Information',
}
