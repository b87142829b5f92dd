/** What an Excel file is to hold is more than one can. */
export class TooMuchText extends Error {
  override message = 'This is too much for an Excel file. Choose CSV, fewer columns or fewer records.'
}
