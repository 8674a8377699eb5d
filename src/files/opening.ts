/** How a file is opened. Apart from what opens it, since a program that uses lockstep sees it and need not know Node's types. */
export interface Opening {
  /** Whether the file may be a link to one elsewhere; true by default. */
  readonly links?: boolean;
}
