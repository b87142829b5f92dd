import { create } from 'zustand'

/** Whether the dialog is open in which the person gives their password again. */
export const useSignInAgain = create<{ open: boolean }>(() => ({ open: false }))

export const showSignInAgain = (open: boolean) => useSignInAgain.setState({ open })
