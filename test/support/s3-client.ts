/** Which of the two HTTP clients asks S3 in this run; some things only one of them can. */
export const S3_CLIENT: 'wire' | 'undici' = process.env['TEST_S3_CLIENT'] === 'undici' ? 'undici' : 'wire';
