import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { t } from "../text";
import { IconButton } from "./Button";

interface DialogProps {
  title: string;
  detail?: ReactNode;
  testId: string;
  wide?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** A modal dialog: focus stays inside, Escape closes, focus returns to where it was. */
export function Dialog({ title, detail, testId, wide = false, onClose, children }: DialogProps) {
  return (
    <Radix.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Radix.Portal>
        <Radix.Overlay className="dialog-scrim" />
        <Radix.Content className="dialog" data-wide={wide} data-testid={testId} {...(detail === undefined && { "aria-describedby": undefined })}>
          <header>
            <Radix.Title className="dialog-title">{title}</Radix.Title>
            {detail !== undefined && <Radix.Description className="dialog-detail">{detail}</Radix.Description>}
          </header>
          {children}
          <Radix.Close asChild>
            <IconButton icon="close" label={t.common.close} className="dialog-close" />
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
