/** Below `out/`: a folder for each list, with a folder for each package in it. */
export const MANY = 'many';
