// The numbers of sysexits.h (BSD) where it has one, so that service managers can tell them apart.

/** The command line is wrong (EX_USAGE). */
export const EXIT_USAGE = 64;
/** The listen address cannot be used (EX_UNAVAILABLE). */
export const EXIT_UNAVAILABLE = 69;
/** Something unforeseen happened (EX_SOFTWARE). */
export const EXIT_INTERNAL = 70;
/** The configuration is wrong or cannot be read, or Node is too old (EX_CONFIG). */
export const EXIT_CONFIG = 78;
/** Ended at once by a second signal: 128 plus the signal's number. */
export const EXIT_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;
