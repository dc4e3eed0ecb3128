/**
 * All that the windows know of the host: commands, events and their types. No other folder imports `@tauri-apps`.
 */
export * as canvasCommands from "./canvasCommands";
export * as commands from "./commands";
export { asCommandError } from "./errors";
export { onAppState, onFilesDragged, type FileDrag } from "./events";
export type * from "./generated";
