import { useEffect, useState, type SyntheticEvent } from "react";
import { asCommandError, commands, type CommandError, type Member, type Role } from "../ipc";
import { Avatar } from "../presence/Avatar";
import { Button } from "../shared/Button";
import { Dialog } from "../shared/Dialog";
import { Field, Select } from "../shared/Field";
import { Icon } from "../shared/Icon";
import { t } from "../text";

const roles: { value: Role; label: string; hint: string }[] = (["viewer", "annotator", "editor", "owner"] as const).map((value) => ({
  value,
  label: t.roles[value],
  hint: t.roleHints[value],
}));

interface MembersDialogProps {
  server: string;
  id: string;
  name: string;
  role: Role;
  userId: string | null;
  onClose: () => void;
}

function MemberRow({ member, owner, own, onRole, onRemove }: { member: Member; owner: boolean; own: boolean; onRole: (role: Role) => void; onRemove: () => void }) {
  const { user, email, role } = member;
  return (
    <li className="member" data-testid="member" data-email={email}>
      <Avatar user={user} />
      <span className="row-words">
        <span className="row-name">
          {user.name}
          {own && <span className="member-you"> ({t.members.you})</span>}
        </span>
        <span className="row-detail selectable">{email}</span>
      </span>
      {owner ? <Select label={t.members.roleOf(user.name)} value={role} options={roles} onChange={onRole} /> : <span className="member-role">{t.roles[role]}</span>}
      {(owner || own) && (
        <Button kind="quiet" size="small" aria-label={own ? t.members.leave : t.members.remove(user.name)} title={t.members.removed} onClick={onRemove}>
          {own ? t.members.leave : t.members.removeWord}
        </Button>
      )}
    </li>
  );
}

/** Adds a member by email, with a role. */
function AddMember({ onAdd }: { onAdd: (email: string, role: Role) => Promise<boolean> }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("editor");
  const send = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (await onAdd(email.trim(), role)) setEmail("");
  };
  return (
    <form className="member-form" onSubmit={(event) => void send(event)}>
      <Field label={t.members.email} type="email" data-testid="member-email" autoFocus value={email} onChange={(event) => setEmail(event.target.value)} />
      <Select label={t.members.role} value={role} options={roles} testId="member-role" framed onChange={setRole} />
      <Button kind="primary" type="submit" data-testid="member-add" disabled={!email.includes("@")}>
        {t.members.add}
      </Button>
    </form>
  );
}

/** Who is in a workspace, and as what. Owners change it; everybody may leave. */
export function MembersDialog({ server, id, name, role, userId, onClose }: MembersDialogProps) {
  const [members, setMembers] = useState<Member[] | null>(null);
  const [error, setError] = useState<CommandError | null>(null);
  const owner = role === "owner";

  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work();
      setError(null);
      return true;
    } catch (reason) {
      setError(asCommandError(reason));
      return false;
    }
  };
  useEffect(() => {
    commands.members(server, id).then(setMembers, (reason: unknown) => setError(asCommandError(reason)));
  }, [server, id]);

  const change = (work: () => Promise<unknown>) =>
    run(async () => {
      await work();
      setMembers(await commands.members(server, id));
    });
  const remove = async (member: Member) => {
    if (member.user.id !== userId) {
      await change(() => commands.removeMember(server, id, member.user.id));
    } else if (await run(() => commands.removeMember(server, id, member.user.id))) {
      onClose();
    }
  };

  return (
    <Dialog title={t.members.title(name)} detail={members === null ? " " : t.members.count(members.length)} testId="members-dialog" wide onClose={onClose}>
      {owner ? <AddMember onAdd={(email, chosen) => change(() => commands.addMember(server, id, email, chosen))} /> : <p className="field-hint">{t.members.onlyOwners}</p>}
      {error !== null && (
        <div className="callout" data-kind="trouble" role="alert">
          <Icon name="warning" />
          <span className="selectable">{error.detail}</span>
        </div>
      )}
      <ul className="members" aria-busy={members === null}>
        {members?.map((member) => (
          <MemberRow
            key={member.user.id}
            member={member}
            owner={owner}
            own={member.user.id === userId}
            onRole={(chosen) => void change(() => commands.changeMember(server, id, member.user.id, chosen))}
            onRemove={() => void remove(member)}
          />
        ))}
      </ul>
    </Dialog>
  );
}
