import { Dialog as Radix } from "radix-ui";
import { useRef, type KeyboardEvent, type ReactNode } from "react";
import { t } from "../text";
import { IconButton } from "./Button";

interface FullDialogProps {
  title: string;
  detail: ReactNode;
  testId: string;
  closeLabel?: string;
  /** Beside the title. */
  actions?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

// The window below it listens to keys everywhere; while this is open they are not meant for it.
const keep = (event: KeyboardEvent) => event.stopPropagation();

/** A modal dialog as large as the window. Nothing in it has the focus at first, so that a key still on its way chooses nothing. */
export function FullDialog({ title, detail, testId, closeLabel = t.common.close, actions, onClose, children }: FullDialogProps) {
  const content = useRef<HTMLDivElement>(null);
  return (
    <Radix.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Radix.Portal>
        <Radix.Overlay className="dialog-scrim" />
        <Radix.Content
          ref={content}
          className="full-dialog"
          data-testid={testId}
          onKeyDown={keep}
          onKeyUp={keep}
          onPointerDownOutside={(event) => event.preventDefault()}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            content.current?.focus();
          }}
        >
          <header className="full-dialog-head">
            <div className="full-dialog-words">
              <Radix.Title className="dialog-title">{title}</Radix.Title>
              <Radix.Description className="dialog-detail">{detail}</Radix.Description>
            </div>
            {actions}
          </header>
          {children}
          <Radix.Close asChild>
            <IconButton icon="close" label={closeLabel} className="dialog-close" />
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
