/** How a file is opened. In a file of its own: it is part of the library's interface, and needs none of Node's types. */
export interface Opening {
  /** Whether the file may be a link to one elsewhere; true by default. */
  readonly links?: boolean;
}
