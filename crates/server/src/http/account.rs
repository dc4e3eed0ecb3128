//! Signing in and out, and the caller's own account.

use axum::{Json, extract::State};
use holdfast_protocol::{
    Code, SignInId,
    account::{ChangePassword, Me, Page, SignIn, SignInRequest, SignedIn},
};
use http::StatusCode;

use crate::{
    app::Shared,
    http::{
        check,
        extract::{As, Body, Id, Params},
        layers::From,
    },
    refusal::Refusal,
    store::SignInOutcome,
};

/// Signs a user in on a device.
#[utoipa::path(post, path = "/v1/auth/sign-in", tag = "account", security(()), request_body = SignInRequest,
    responses((status = 200, description = "A token, shown once", body = SignedIn)))]
pub(crate) async fn sign_in(
    State(app): State<Shared>,
    From(address): From,
    Body(request): Body<SignInRequest>,
) -> Result<Json<SignedIn>, Refusal> {
    check::name("device_name", &request.device_name)?;
    let SignInRequest {
        email,
        password,
        device_name,
    } = &request;
    let outcome = app
        .accounts
        .sign_in(email, password, device_name, &address.to_string())
        .await?;
    match outcome {
        SignInOutcome::In(new) => Ok(Json(SignedIn {
            token: new.token,
            expires_at: new.expires_at,
            user: new.user,
        })),
        SignInOutcome::Wrong => {
            app.metrics.wrong_sign_ins.increment(1);
            tracing::info!(%address, "a sign-in was refused");
            Err(Refusal::new(
                Code::Unauthenticated,
                "the email or the password is wrong",
            ))
        }
        SignInOutcome::Limited { retry_after_secs } => {
            app.metrics.wrong_sign_ins.increment(1);
            Err(Refusal::rate_limited(retry_after_secs.max(1)))
        }
    }
}

/// Ends this sign-in and all its sessions.
#[utoipa::path(post, path = "/v1/auth/sign-out", tag = "account",
    responses((status = 204, description = "Signed out")))]
pub(crate) async fn sign_out(State(app): State<Shared>, As(caller): As) -> Result<StatusCode, Refusal> {
    app.accounts.sign_out(&caller, caller.sign_in).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The caller.
#[utoipa::path(get, path = "/v1/me", tag = "account",
    responses((status = 200, description = "Who asks", body = Me)))]
pub(crate) async fn me(State(app): State<Shared>, As(caller): As) -> Result<Json<Me>, Refusal> {
    Ok(Json(app.accounts.me(&caller).await?))
}

/// Changes the password, and ends all other sign-ins of the user.
#[utoipa::path(put, path = "/v1/me/password", tag = "account", request_body = ChangePassword,
    responses((status = 204, description = "Changed")))]
pub(crate) async fn change_password(
    State(app): State<Shared>,
    As(caller): As,
    Body(request): Body<ChangePassword>,
) -> Result<StatusCode, Refusal> {
    app.accounts
        .change_password(&caller, &request.current, &request.new)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The caller's devices.
#[utoipa::path(get, path = "/v1/me/sign-ins", tag = "account",
    params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Sign-ins", body = Page<SignIn>)))]
pub(crate) async fn sign_ins(
    State(app): State<Shared>,
    As(caller): As,
    params: Params,
) -> Result<Json<Page<SignIn>>, Refusal> {
    Ok(Json(app.accounts.sign_ins(&caller, &params.page()?).await?))
}

/// Ends a sign-in of the caller from elsewhere, with all its sessions.
#[utoipa::path(delete, path = "/v1/me/sign-ins/{id}", tag = "account",
    params(("id" = SignInId, Path)), responses((status = 204, description = "Revoked")))]
pub(crate) async fn revoke_sign_in(
    State(app): State<Shared>,
    As(caller): As,
    Id(id): Id<SignInId>,
) -> Result<StatusCode, Refusal> {
    app.accounts.sign_out(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
