const shortest = 10

/** What is wrong with a passphrase before anything is done with it. */
export const passphraseProblem = (passphrase: string): string | undefined =>
  passphrase.length < shortest ? `Must have at least ${shortest} characters` : undefined
