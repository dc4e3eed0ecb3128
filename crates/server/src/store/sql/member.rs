//! Members of a workspace and their roles (A03); what goes with a role goes in the same transaction (L13).

use holdfast_protocol::{
    UserId, WorkspaceId,
    account::{Member, Page, Role},
    room::{Event, Room},
};

use super::{
    access::{member_with, role_in},
    audit, paging, sign_in,
    text::invalid,
    workspace::tell_changed,
};
use crate::{
    caller::Caller,
    database::{Columns as _, Connection, Row, Tx},
    engine::{
        Revocation,
        sql::{revoke::revoke, stored::actor},
    },
    happening::Happening,
    store::{PageRequest, StorageError, StoreError},
};

fn from_row(row: &Row) -> Result<Member, StorageError> {
    Ok(Member {
        user: row.user("id", "name")?,
        email: row.text("email")?,
        role: row.name("role")?,
        joined_at: row.moment("joined_at")?,
    })
}

async fn load(conn: &mut Connection, workspace: WorkspaceId, user: UserId) -> Result<Member, StoreError> {
    let row = sqlx::query(
        "SELECT u.id, u.name, u.email, m.role, m.joined_at FROM members m JOIN users u ON u.id = m.user_id \
         WHERE m.workspace_id = $1 AND m.user_id = $2",
    )
    .bind(workspace.to_string())
    .bind(user.to_string())
    .fetch_optional(conn)
    .await?
    .ok_or(StoreError::NotFound)?;
    Ok(from_row(&row)?)
}

/// The members, in the order in which they joined.
pub(super) async fn list(
    conn: &mut Connection,
    caller: &Caller,
    workspace: WorkspaceId,
    page: &PageRequest,
) -> Result<Page<Member>, StoreError> {
    member_with(conn, caller.user.id, workspace, Role::Viewer).await?;
    let (start, limit) = (
        paging::start(page, paging::Cursor::FIRST)?,
        paging::limit(page.limit),
    );
    let rows = sqlx::query(
        "SELECT u.id, u.name, u.email, m.role, m.joined_at FROM members m JOIN users u ON u.id = m.user_id \
         WHERE m.workspace_id = $1 AND (m.joined_at > $2 OR (m.joined_at = $2 AND u.id > $3)) \
         ORDER BY m.joined_at, u.id LIMIT $4",
    )
    .bind(workspace.to_string())
    .bind(start.at)
    .bind(start.id)
    .bind(limit + 1)
    .fetch_all(conn)
    .await?;
    Ok(paging::page(rows, limit, from_row, |row| {
        paging::after(row, "joined_at", "id")
    })?)
}

pub(super) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Annotator => "annotator",
        Role::Editor => "editor",
        Role::Owner => "owner",
    }
}

/// Adds one.
pub(super) async fn add(
    tx: &mut Tx<'_>,
    caller: &Caller,
    workspace: WorkspaceId,
    email: &str,
    role: Role,
) -> Result<Member, StoreError> {
    let name = member_with(tx.conn, caller.user.id, workspace, Role::Owner).await?;
    let account = sign_in::find(tx.conn, email)
        .await?
        .ok_or_else(|| invalid("email", "has no account on this server"))?;
    let added = sqlx::query(
        "INSERT INTO members (workspace_id, user_id, role, joined_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (workspace_id, user_id) DO NOTHING",
    )
    .bind(workspace.to_string())
    .bind(account.user.id.to_string())
    .bind(role_name(role))
    .bind(tx.now.0)
    .execute(&mut *tx.conn)
    .await?;
    if added.rows_affected() == 0 {
        return Err(StoreError::AlreadyMember);
    }
    told(
        tx,
        caller,
        workspace,
        &name,
        &account.user.name,
        "member_added",
        Some(role),
    )
    .await?;
    let user = account.user.id;
    tx.tell(Happening::AccessChanged { user, workspace });
    load(tx.conn, workspace, user).await
}

/// Writes to the log, and tells those who are members now.
async fn told(
    tx: &mut Tx<'_>,
    caller: &Caller,
    workspace: WorkspaceId,
    workspace_name: &str,
    member_name: &str,
    action: &'static str,
    role: Option<Role>,
) -> Result<(), StorageError> {
    let subject = match role {
        Some(role) => format!("{member_name}: {}", role_name(role)),
        None => member_name.to_owned(),
    };
    let deed = audit::Deed {
        workspace: Some(workspace),
        by: caller.user.id,
        action,
        subject: &subject,
        reason: None,
    };
    audit::record(tx, deed).await?;
    tell_changed(tx, caller, workspace, workspace_name).await
}

/// Changes a role.
pub(super) async fn change(
    tx: &mut Tx<'_>,
    caller: &Caller,
    workspace: WorkspaceId,
    user: UserId,
    role: Role,
) -> Result<Member, StoreError> {
    let name = member_with(tx.conn, caller.user.id, workspace, Role::Owner).await?;
    let member = load(tx.conn, workspace, user).await?;
    if member.role == role {
        return Ok(member);
    }
    if member.role == Role::Owner {
        keeps_an_owner(tx.conn, workspace).await?;
    }
    sqlx::query("UPDATE members SET role = $1 WHERE workspace_id = $2 AND user_id = $3")
        .bind(role_name(role))
        .bind(workspace.to_string())
        .bind(user.to_string())
        .execute(&mut *tx.conn)
        .await?;
    revoke(tx, caller, Revocation::Member { workspace, user }).await?;
    told(
        tx,
        caller,
        workspace,
        &name,
        &member.user.name,
        "role_changed",
        Some(role),
    )
    .await?;
    tx.tell(Happening::AccessChanged { user, workspace });
    load(tx.conn, workspace, user).await
}

/// Refuses where one owner less would be none.
async fn keeps_an_owner(conn: &mut Connection, workspace: WorkspaceId) -> Result<(), StoreError> {
    let owners: i64 =
        sqlx::query_scalar("SELECT count(*) FROM members WHERE workspace_id = $1 AND role = 'owner'")
            .bind(workspace.to_string())
            .fetch_one(conn)
            .await?;
    if owners > 1 {
        Ok(())
    } else {
        Err(StoreError::LastOwner)
    }
}

/// Removes a member, or lets the caller leave.
pub(super) async fn remove(
    tx: &mut Tx<'_>,
    caller: &Caller,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<(), StoreError> {
    let leaves = user == caller.user.id;
    let (own_role, name) = role_in(tx.conn, caller.user.id, workspace)
        .await?
        .ok_or(StoreError::NotFound)?;
    if !leaves && own_role < Role::Owner {
        return Err(StoreError::Forbidden(
            "only an owner of the workspace may remove members",
        ));
    }
    let member = load(tx.conn, workspace, user).await?;
    if member.role == Role::Owner {
        keeps_an_owner(tx.conn, workspace).await?;
    }
    sqlx::query("DELETE FROM members WHERE workspace_id = $1 AND user_id = $2")
        .bind(workspace.to_string())
        .bind(user.to_string())
        .execute(&mut *tx.conn)
        .await?;
    revoke(tx, caller, Revocation::Member { workspace, user }).await?;
    let action = if leaves { "member_left" } else { "member_removed" };
    told(tx, caller, workspace, &name, &member.user.name, action, None).await?;
    let event = Event::WorkspaceRemoved {
        workspace_id: workspace,
        by: actor(&caller.user, None),
    };
    let rooms = vec![Room::User(user)];
    tx.tell(Happening::Event { rooms, event });
    tx.tell(Happening::AccessChanged { user, workspace });
    Ok(())
}
