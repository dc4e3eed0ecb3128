import { useState } from "react";
import { commands, type Settings, type Theme } from "../ipc";
import { Button } from "../shared/Button";
import { Dialog } from "../shared/Dialog";
import { Field, Select, Switch } from "../shared/Field";
import { nameProblem } from "../shared/names";
import { attempt } from "../shared/toasts";
import { t } from "../text";

const themes: { value: Theme; label: string }[] = (["system", "light", "dark"] as const).map((value) => ({ value, label: t.settings.themes[value] }));

/** A name that is saved when the field is left, if it is one. */
function NameField({ label, hint, testId, saved, onSave }: { label: string; hint: string; testId: string; saved: string; onSave: (name: string) => void }) {
  const [name, setName] = useState(saved);
  const problem = nameProblem(name);
  const save = () => {
    if (problem === null && name.trim() !== saved) onSave(name.trim());
  };
  return (
    <Field
      label={label}
      hint={hint}
      data-testid={testId}
      value={name}
      error={problem ?? undefined}
      onChange={(event) => setName(event.target.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === "Enter") save();
      }}
    />
  );
}

/** The user's settings on this device; each takes effect at once. */
export function SettingsDialog({ settings, version, onClose }: { settings: Settings; version: string; onClose: () => void }) {
  const change = (part: Partial<Settings>) => void attempt(() => commands.updateSettings({ ...settings, ...part }));
  return (
    <Dialog title={t.settings.title} testId="settings" onClose={onClose}>
      <NameField label={t.settings.displayName} hint={t.settings.displayNameHint} testId="setting-display-name" saved={settings.display_name} onSave={(display_name) => change({ display_name })} />
      <NameField label={t.settings.deviceName} hint={t.settings.deviceNameHint} testId="setting-device-name" saved={settings.device_name} onSave={(device_name) => change({ device_name })} />
      <div className="switch-row settings-row">
        <span className="field-label">{t.settings.theme}</span>
        <Select label={t.settings.theme} value={settings.theme} options={themes} testId="setting-theme" framed onChange={(theme) => change({ theme })} />
      </div>
      <Switch label={t.settings.notifications} hint={t.settings.notificationsHint} testId="setting-notifications" checked={settings.notifications} onChange={(notifications) => change({ notifications })} />
      <Switch label={t.settings.closeToTray} hint={t.settings.closeToTrayHint} testId="setting-close-to-tray" checked={settings.close_to_tray} onChange={(close_to_tray) => change({ close_to_tray })} />
      <Switch
        label={t.settings.stopWhenLapsed}
        hint={t.settings.stopWhenLapsedHint}
        testId="setting-stop-when-lapsed"
        checked={settings.stop_editing_when_lapsed}
        onChange={(stop_editing_when_lapsed) => change({ stop_editing_when_lapsed })}
      />
      <footer className="settings-foot">
        <span>{t.settings.version(version)}</span>
        <Button kind="quiet" size="small" data-testid="quit" onClick={() => void attempt(commands.quit)}>
          {t.settings.quit}
        </Button>
      </footer>
    </Dialog>
  );
}
