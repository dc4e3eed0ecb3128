import { Select as RadixSelect, Switch as RadixSwitch } from "radix-ui";
import { useId, type ComponentProps } from "react";
import { Icon } from "./Icon";

interface FieldProps extends ComponentProps<"input"> {
  label: string;
  hint?: string;
  error?: string | undefined;
}

/** A text field with its label, and a hint or what is wrong with it. */
export function Field({ label, hint, error, ...input }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <input id={id} className="input" aria-invalid={error !== undefined} aria-describedby={note === undefined ? undefined : `${id}-note`} {...input} />
      {note !== undefined && (
        <span id={`${id}-note`} className={error === undefined ? "field-hint" : "field-error"}>
          {note}
        </span>
      )}
    </div>
  );
}

interface SelectProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string; hint?: string }[];
  testId?: string;
  framed?: boolean;
  disabled?: boolean;
  onChange: (value: T) => void;
}

/** A choice of one out of a few. */
export function Select<T extends string>({ label, value, options, testId, framed = false, disabled = false, onChange }: SelectProps<T>) {
  return (
    <RadixSelect.Root
      value={value}
      disabled={disabled}
      onValueChange={(chosen) => {
        const option = options.find((each) => each.value === chosen);
        if (option !== undefined) onChange(option.value);
      }}
    >
      <RadixSelect.Trigger className="select" data-framed={framed} data-testid={testId} aria-label={label} title={label}>
        <RadixSelect.Value />
        <Icon name="chevron" size={14} />
      </RadixSelect.Trigger>
      <RadixSelect.Portal>
        <RadixSelect.Content className="menu select-list" position="popper" sideOffset={4} collisionPadding={8}>
          <RadixSelect.Viewport>
            {options.map((option) => (
              <RadixSelect.Item key={option.value} value={option.value} className="menu-item" data-value={option.value} title={option.hint}>
                <RadixSelect.ItemText>{option.label}</RadixSelect.ItemText>
                <RadixSelect.ItemIndicator>
                  <Icon name="check" size={14} />
                </RadixSelect.ItemIndicator>
              </RadixSelect.Item>
            ))}
          </RadixSelect.Viewport>
        </RadixSelect.Content>
      </RadixSelect.Portal>
    </RadixSelect.Root>
  );
}

/** On or off, at once. */
export function Switch({ label, hint, checked, testId, onChange }: { label: string; hint: string; checked: boolean; testId: string; onChange: (on: boolean) => void }) {
  const id = useId();
  return (
    <div className="switch-row">
      <div className="field">
        <label className="field-label" htmlFor={id}>
          {label}
        </label>
        <span className="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      </div>
      <RadixSwitch.Root id={id} className="switch" data-testid={testId} checked={checked} onCheckedChange={onChange} aria-describedby={`${id}-hint`}>
        <RadixSwitch.Thumb className="switch-thumb" />
      </RadixSwitch.Root>
    </div>
  );
}
