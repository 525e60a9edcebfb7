/** One line: the values with spaces between. Strings and numbers alone are printed alike everywhere. */
declare function print(...values: (string | number)[]): void;
