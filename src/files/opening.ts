/** How to open a file. In a separate module, since the library's interface needs it without Node's types. */
export interface Opening {
  /** Whether the path may be a symbolic link; true by default. */
  readonly links?: boolean;
}
