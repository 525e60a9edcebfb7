/**
 * What a face uses of Espruino's graphics. Names declared here are kept by the build. Ambient: no import, no export.
 * Coordinates are pixels from the top left corner, corners included; every call gives the same object back.
 */

interface Graphics {
  /** Sets colours, font, alignment and clipping back to the board's own. */
  reset(): Graphics;
  /** Fills everything with the background colour. */
  clear(): Graphics;
  /** Each 0 or 1: the eight colours that need no dithering on a 3-bit screen. */
  setColor(red: number, green: number, blue: number): Graphics;
  setBgColor(red: number, green: number, blue: number): Graphics;
  /** "Vector:WxH", W and H at most 63: capitals are 12/16 of H high and begin 1/16 of H below the given y. */
  setFont(name: string): Graphics;
  /** Of the font set last; the blank to the right of the last letter counts. */
  stringWidth(text: string): number;
  /** One byte a character, ISO 8859-1. */
  drawString(text: string, x: number, y: number): Graphics;
  fillRect(left: number, top: number, right: number, bottom: number): Graphics;
  fillCircle(x: number, y: number, radius: number): Graphics;
  fillEllipse(left: number, top: number, right: number, bottom: number): Graphics;
  /** x and y in turns. */
  fillPoly(points: number[]): Graphics;
}

/** The screen, on a board that has one. */
declare const g: Graphics;
