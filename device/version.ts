/** The version that this code calls itself; the firmware's build puts that of the release in its place. */
export const VERSION = '0.2.0';
