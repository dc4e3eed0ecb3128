//! Accounts and sign-ins (A01, A04).

use holdfast_protocol::{
    SignInId, Timestamp, UserId,
    account::{Me, Page, SignIn, User},
    limits::SIGN_IN_UNUSED,
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    audit,
    files::hex,
    paging,
    text::{check_name, invalid},
};
use crate::{
    caller::Caller,
    clock::millis,
    database::{Columns as _, Connection, Row, Tx},
    engine::sql::release::end_sign_in,
    happening::Happening,
    store::{NewSignIn, PageRequest, SignInOutcome, StorageError, StoreError},
};

/// Wrong attempts are counted over this long, in milliseconds,
const WINDOW_MS: i64 = 5 * 60 * 1000;
/// so many by account
const BY_ACCOUNT: i64 = 10;
/// and so many by address.
const BY_ADDRESS: i64 = 50;
/// A sign-in's last use is written down this often, in milliseconds: once a minute is enough for 30 days.
const USE_NOTED_EVERY_MS: i64 = 60 * 1000;

/// What an account is known by: its address without regard to case.
pub(super) fn account(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Refuses what can't be an address: the least that everybody agrees on, since only a message sent there would prove more.
pub(super) fn check_email(email: &str) -> Result<(), StoreError> {
    let parts = email.trim().split_once('@');
    let plain = |part: &str| {
        !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@')
    };
    if email.len() <= 254 && parts.is_some_and(|(name, host)| plain(name) && plain(host)) {
        return Ok(());
    }
    Err(invalid("email", "is no email address"))
}

/// A password that may be set.
pub(super) fn check_password(field: &str, password: &str) -> Result<(), StoreError> {
    if (8..=1_000).contains(&password.chars().count()) {
        return Ok(());
    }
    Err(invalid(field, "is not 8 to 1,000 characters"))
}

/// A new user; without a password hash, one that can't sign in from elsewhere.
pub(super) async fn add_user(
    tx: &mut Tx<'_>,
    email: &str,
    name: &str,
    password_hash: Option<&str>,
) -> Result<UserId, StoreError> {
    let id = UserId::random();
    let added = sqlx::query(
        "INSERT INTO users (id, email, account, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (account) DO NOTHING",
    )
    .bind(id.to_string())
    .bind(email.trim())
    .bind(account(email))
    .bind(name)
    .bind(password_hash)
    .bind(tx.now.0)
    .execute(&mut *tx.conn)
    .await?;
    if added.rows_affected() == 0 {
        return Err(invalid("email", "has an account already"));
    }
    Ok(id)
}

/// The account of the one user of an embedded server: no address that a message could be sent to.
const LOCAL: &str = "you@this-device.invalid";

/// The one user of an embedded server signs in. Its earlier sign-ins end: each is of a process that is gone, since one
/// process at a time serves a data folder, and nobody could come back for what it had locked.
pub(super) async fn begin_local(
    tx: &mut Tx<'_>,
    name: &str,
    device_name: &str,
) -> Result<NewSignIn, StoreError> {
    let id = match find(tx.conn, LOCAL).await? {
        Some(account) => account.user.id,
        None => add_user(tx, LOCAL, name, None).await?,
    };
    end_others(tx, id, None).await?;
    rename_local(tx, name, device_name).await?;
    let name = name.to_owned();
    begin(tx, &User { id, name }, device_name).await
}

/// The one user of an embedded server and its device are called something else from now on.
pub(super) async fn rename_local(tx: &mut Tx<'_>, name: &str, device_name: &str) -> Result<(), StoreError> {
    check_name("name", name)?;
    check_name("device_name", device_name)?;
    sqlx::query("UPDATE users SET name = $1 WHERE account = $2")
        .bind(name)
        .bind(LOCAL)
        .execute(&mut *tx.conn)
        .await?;
    sqlx::query(
        "UPDATE sign_ins SET device_name = $1 WHERE user_id = (SELECT id FROM users WHERE account = $2)",
    )
    .bind(device_name)
    .bind(LOCAL)
    .execute(&mut *tx.conn)
    .await?;
    Ok(())
}

/// An account as a sign-in needs it.
pub(super) struct Account {
    pub(super) user: User,
    pub(super) password_hash: Option<String>,
}

/// The account with this address.
pub(super) async fn find(conn: &mut Connection, email: &str) -> Result<Option<Account>, StorageError> {
    let row = sqlx::query("SELECT id, name, password_hash FROM users WHERE account = $1")
        .bind(account(email))
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        Ok(Account {
            user: row.user("id", "name")?,
            password_hash: row.text_or_null("password_hash")?,
        })
    })
    .transpose()
}

/// A sign-in attempt, after its password was looked at.
pub(super) struct Attempt {
    pub(super) email: String,
    pub(super) address: String,
    pub(super) device_name: String,
    /// Whose password it was.
    pub(super) user: Option<User>,
}

/// How long until another attempt makes sense, in whole seconds; none while there is room for one (A04).
pub(super) async fn limited(
    conn: &mut Connection,
    email: &str,
    address: &str,
    now: Timestamp,
) -> Result<Option<u64>, StorageError> {
    let since = now.0 - WINDOW_MS;
    let by_account: Option<i64> = sqlx::query_scalar(
        "SELECT at FROM sign_in_failures WHERE account = $1 AND at > $2 ORDER BY at DESC LIMIT 1 OFFSET $3",
    )
    .bind(account(email))
    .bind(since)
    .bind(BY_ACCOUNT - 1)
    .fetch_optional(&mut *conn)
    .await?;
    let by_address: Option<i64> = sqlx::query_scalar(
        "SELECT at FROM sign_in_failures WHERE address = $1 AND at > $2 ORDER BY at DESC LIMIT 1 OFFSET $3",
    )
    .bind(address)
    .bind(since)
    .bind(BY_ADDRESS - 1)
    .fetch_optional(conn)
    .await?;
    let free_at = by_account.max(by_address).map(|at| at + WINDOW_MS);
    Ok(free_at.map(|at| u64::try_from((at - now.0 + 999) / 1000).unwrap_or(1).max(1)))
}

/// Settles an attempt. The limit is looked at again here: attempts at the same moment count each other.
pub(super) async fn settle(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<SignInOutcome, StoreError> {
    if let Some(retry_after_secs) = limited(tx.conn, &attempt.email, &attempt.address, tx.now).await? {
        return Ok(SignInOutcome::Limited { retry_after_secs });
    }
    sqlx::query("DELETE FROM sign_in_failures WHERE at <= $1")
        .bind(tx.now.0 - WINDOW_MS)
        .execute(&mut *tx.conn)
        .await?;
    let Some(user) = &attempt.user else {
        sqlx::query("INSERT INTO sign_in_failures (id, account, address, at) VALUES ($1, $2, $3, $4)")
            .bind(Uuid::new_v4().to_string())
            .bind(account(&attempt.email))
            .bind(attempt.address.as_str())
            .bind(tx.now.0)
            .execute(&mut *tx.conn)
            .await?;
        return Ok(SignInOutcome::Wrong);
    };
    sqlx::query("DELETE FROM sign_in_failures WHERE account = $1")
        .bind(account(&attempt.email))
        .execute(&mut *tx.conn)
        .await?;
    Ok(SignInOutcome::In(begin(tx, user, &attempt.device_name).await?))
}

/// A new sign-in, written to the log of each of the user's workspaces (A05).
pub(super) async fn begin(tx: &mut Tx<'_>, user: &User, device_name: &str) -> Result<NewSignIn, StoreError> {
    check_name("device_name", device_name)?;
    let id = SignInId::random();
    let token = token();
    sqlx::query("DELETE FROM sign_ins WHERE user_id = $1 AND used_at <= $2")
        .bind(user.id.to_string())
        .bind(tx.now.0 - millis(SIGN_IN_UNUSED))
        .execute(&mut *tx.conn)
        .await?;
    sqlx::query(
        "INSERT INTO sign_ins (id, user_id, token_hash, device_name, created_at, used_at) \
         VALUES ($1, $2, $3, $4, $5, $5)",
    )
    .bind(id.to_string())
    .bind(user.id.to_string())
    .bind(hash_of(&token))
    .bind(device_name)
    .bind(tx.now.0)
    .execute(&mut *tx.conn)
    .await?;
    let workspaces = sqlx::query("SELECT workspace_id FROM members WHERE user_id = $1")
        .bind(user.id.to_string())
        .fetch_all(&mut *tx.conn)
        .await?;
    for row in workspaces {
        let deed = audit::Deed {
            workspace: Some(row.id("workspace_id")?),
            by: user.id,
            action: "signed_in",
            subject: device_name,
            reason: None,
        };
        audit::record(tx, deed).await?;
    }
    Ok(NewSignIn {
        id,
        user: user.clone(),
        token,
        expires_at: tx.now.plus_millis(millis(SIGN_IN_UNUSED)),
    })
}

/// 256 random bits.
fn token() -> String {
    hex(&rand::random::<[u8; 32]>())
}

/// What is kept of a token. It is random and long, so that a plain hash is enough.
fn hash_of(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Whose token it is, and whether its use is to be noted.
pub(super) async fn caller(
    conn: &mut Connection,
    token: &str,
    now: Timestamp,
) -> Result<Option<(Caller, bool)>, StorageError> {
    let row = sqlx::query(
        "SELECT s.id, s.user_id, u.name, s.device_name, s.used_at FROM sign_ins s JOIN users u ON u.id = s.user_id \
         WHERE s.token_hash = $1 AND s.used_at > $2",
    )
    .bind(hash_of(token))
    .bind(now.0 - millis(SIGN_IN_UNUSED))
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let caller = Caller {
            user: row.user("user_id", "name")?,
            sign_in: row.id("id")?,
            device_name: row.text("device_name")?,
        };
        Ok((caller, row.number("used_at")? <= now.0 - USE_NOTED_EVERY_MS))
    })
    .transpose()
}

/// Notes that a sign-in was used.
pub(super) async fn note_use(tx: &mut Tx<'_>, sign_in: SignInId) -> Result<(), StorageError> {
    sqlx::query("UPDATE sign_ins SET used_at = $1 WHERE id = $2")
        .bind(tx.now.0)
        .bind(sign_in.to_string())
        .execute(&mut *tx.conn)
        .await?;
    Ok(())
}

/// Ends a sign-in of the caller's, its sessions and their locks (S08).
pub(super) async fn end(tx: &mut Tx<'_>, caller: &Caller, sign_in: SignInId) -> Result<(), StoreError> {
    let gone = sqlx::query("DELETE FROM sign_ins WHERE id = $1 AND user_id = $2")
        .bind(sign_in.to_string())
        .bind(caller.user.id.to_string())
        .execute(&mut *tx.conn)
        .await?;
    if gone.rows_affected() == 0 {
        return Err(StoreError::NotFound);
    }
    end_sign_in(tx, sign_in).await?;
    tx.tell(Happening::SignInEnded { sign_in });
    Ok(())
}

/// Sets a password and ends every other sign-in of the user.
pub(super) async fn set_password(
    tx: &mut Tx<'_>,
    caller: &Caller,
    password_hash: &str,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET password_hash = $1 WHERE id = $2")
        .bind(password_hash)
        .bind(caller.user.id.to_string())
        .execute(&mut *tx.conn)
        .await?;
    end_others(tx, caller.user.id, Some(caller.sign_in)).await
}

/// Ends every sign-in of a user but one.
async fn end_others(tx: &mut Tx<'_>, user: UserId, kept: Option<SignInId>) -> Result<(), StoreError> {
    let gone = sqlx::query("DELETE FROM sign_ins WHERE user_id = $1 AND id <> $2 RETURNING id")
        .bind(user.to_string())
        .bind(kept.map_or_else(String::new, |id| id.to_string()))
        .fetch_all(&mut *tx.conn)
        .await?;
    for row in gone {
        let sign_in = row.id("id")?;
        end_sign_in(tx, sign_in).await?;
        tx.tell(Happening::SignInEnded { sign_in });
    }
    Ok(())
}

/// The caller's account, and the hash of its password.
pub(super) async fn me(conn: &mut Connection, caller: &Caller) -> Result<(Me, Option<String>), StoreError> {
    let row = sqlx::query("SELECT name, email, password_hash FROM users WHERE id = $1")
        .bind(caller.user.id.to_string())
        .fetch_optional(conn)
        .await?
        .ok_or(StoreError::NotFound)?;
    let me = Me {
        id: caller.user.id,
        name: row.text("name")?,
        email: row.text("email")?,
        sign_in_id: caller.sign_in,
    };
    Ok((me, row.text_or_null("password_hash")?))
}

/// The caller's live sign-ins, oldest first.
pub(super) async fn list(
    conn: &mut Connection,
    caller: &Caller,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Page<SignIn>, StoreError> {
    let (start, limit) = (
        paging::start(page, paging::Cursor::FIRST)?,
        paging::limit(page.limit),
    );
    let rows = sqlx::query(
        "SELECT id, device_name, created_at, used_at FROM sign_ins WHERE user_id = $1 AND used_at > $2 \
         AND (created_at > $3 OR (created_at = $3 AND id > $4)) ORDER BY created_at, id LIMIT $5",
    )
    .bind(caller.user.id.to_string())
    .bind(now.0 - millis(SIGN_IN_UNUSED))
    .bind(start.at)
    .bind(start.id)
    .bind(limit + 1)
    .fetch_all(conn)
    .await?;
    let item = |row: &Row| {
        let id = row.id("id")?;
        Ok(SignIn {
            id,
            device_name: row.text("device_name")?,
            created_at: row.moment("created_at")?,
            used_at: row.moment("used_at")?,
            current: id == caller.sign_in,
        })
    };
    Ok(paging::page(rows, limit, item, |row| {
        paging::after(row, "created_at", "id")
    })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_has_a_name_and_a_host() {
        for good in ["ada@example.org", " ada@host ", "ä@ö.de"] {
            assert!(check_email(good).is_ok(), "{good}");
        }
        for bad in ["", "ada", "@host", "ada@", "a da@host", "a@b@c", "ada@ho\nst"] {
            assert!(check_email(bad).is_err(), "{bad:?}");
        }
    }
}
