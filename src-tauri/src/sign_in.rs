//! Servers elsewhere: signing in and out, and coming back to them after a start.

use holdfast_client::{
    Server,
    api::ApiError,
    credentials::{KeychainError, Token},
    view::{CommandError, ServerId, ServerView},
};
use holdfast_protocol::Code;

use crate::{
    accounts::{Account, canonical},
    app_state,
    host::{CLOSE_BUDGET, Shared},
    local_server, windows, words,
};

/// Signs in and adds the server; where the same user was signed in before, its windows go on. Without a keychain that works too, until the app ends (C08).
pub(crate) async fn sign_in(
    host: &Shared,
    address: &str,
    email: &str,
    password: &str,
) -> Result<ServerView, CommandError> {
    let url = canonical(address).ok_or_else(|| words::bad_address(address))?;
    let signed_in = host
        .client
        .sign_in(&url, email, password)
        .await
        .map_err(refusal)?;
    let account = Account { url };
    let id = account.id();
    let known = host.client.server(&id);
    let is_same = |server: &Server| {
        let user = server.user();
        let user = user.borrow();
        user.as_ref().is_some_and(|user| user.id == signed_in.user.id)
    };
    if known.as_ref().is_some_and(|server| !is_same(server)) {
        // whoever was signed in before: their windows close, and what they hold is free
        sign_out(host, &id).await?;
    }
    let same_user = known.filter(is_same);
    let token = Token::new(signed_in.token);
    let failed = host.credentials.store(&account.id(), &token).await;
    tell(host, failed);
    host.accounts.add(account.clone());
    let server = match same_user {
        Some(server) => {
            server.renew(token);
            server
        }
        None => add(host, &account, token),
    };
    Ok(app_state::view(&server, false))
}

/// Adds all known servers whose tokens the keychain has. The others are shown as signed out.
pub(crate) async fn restore(host: Shared) {
    for account in host.accounts.list() {
        let (token, failed) = host.credentials.load(&account.id()).await;
        tell(&host, failed);
        if let Some(token) = token {
            add(&host, &account, token);
        }
    }
    host.touch();
}

/// Flushes and releases all of a server's canvases, closes their windows, ends the sign-in, forgets the token.
pub(crate) async fn sign_out(host: &Shared, id: &ServerId) -> Result<(), CommandError> {
    elsewhere(id)?;
    if let Ok(server) = host.server(id) {
        let reports = server.sign_out(CLOSE_BUDGET).await;
        windows::closed(host, &reports);
        host.client.remove_server(id, CLOSE_BUDGET).await;
    }
    windows::destroy_of(host, id);
    let failed = host.credentials.forget(id).await;
    tell(host, failed);
    host.touch();
    Ok(())
}

/// Signs out and takes the server off the list.
pub(crate) async fn forget(host: &Shared, id: &ServerId) -> Result<(), CommandError> {
    sign_out(host, id).await?;
    host.accounts.forget(id);
    host.touch();
    Ok(())
}

fn add(host: &Shared, account: &Account, token: Token) -> Server {
    let id = account.id();
    let server = host
        .client
        .add_server(id, &account.label(), account.url.clone(), token);
    app_state::follow(host, &server);
    server
}

fn elsewhere(id: &ServerId) -> Result<(), CommandError> {
    if *id == local_server::id() {
        return Err(words::local_server_stays());
    }
    Ok(())
}

/// What is wrong with the keychain is told once, until it works again.
fn tell(host: &Shared, failed: Option<KeychainError>) {
    match failed {
        Some(error) => {
            tracing::info!(?error, "the keychain can't be used");
            host.tell(words::no_keychain(&error));
        }
        None => host.untell("no_keychain"),
    }
}

fn refusal(error: ApiError) -> CommandError {
    if error.is(Code::Unauthenticated) {
        return words::wrong_password();
    }
    error.into()
}
