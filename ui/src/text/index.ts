/** The words of the windows, in one place. Another language is another object of the same shape. */
export { en as t } from "./en";
