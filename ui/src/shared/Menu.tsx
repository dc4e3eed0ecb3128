import { ContextMenu, DropdownMenu } from "radix-ui";
import { Fragment, type ReactNode } from "react";
import { Icon, type IconName } from "./Icon";

/** One entry of a menu; `line` draws a separator above it. */
export interface MenuEntry {
  label: string;
  icon: IconName;
  testId?: string;
  danger?: boolean;
  disabled?: boolean;
  line?: boolean;
  onSelect: () => void;
}

type Parts = Pick<typeof DropdownMenu, "Item" | "Separator">;

function Entries({ parts, entries }: { parts: Parts; entries: MenuEntry[] }) {
  return entries.map((entry) => (
    <Fragment key={entry.label}>
      {entry.line === true && <parts.Separator className="menu-line" />}
      <parts.Item className="menu-item" data-testid={entry.testId} data-danger={entry.danger} disabled={entry.disabled ?? false} onSelect={entry.onSelect}>
        <Icon name={entry.icon} />
        {entry.label}
      </parts.Item>
    </Fragment>
  ));
}

/** A menu that its trigger opens. */
export function Menu({ entries, align = "end", children }: { entries: MenuEntry[]; align?: "start" | "end"; children: ReactNode }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align={align} sideOffset={4} collisionPadding={8}>
          <Entries parts={DropdownMenu} entries={entries} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** The same menu on right-click and on the keyboard's menu key. */
export function RightClickMenu({ entries, children }: { entries: MenuEntry[]; children: ReactNode }) {
  return (
    <ContextMenu.Root modal={false}>
      <ContextMenu.Trigger asChild>{children}</ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Content className="menu" collisionPadding={8}>
          <Entries parts={ContextMenu} entries={entries} />
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}
