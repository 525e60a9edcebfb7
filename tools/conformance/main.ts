/** `npm run -s conformance -- FILE...`: runs the reference's vectors through the code of token and backend. */
import { reportConformance } from './report.js';

process.exitCode = reportConformance(process.argv.slice(2), console.log, console.error);
