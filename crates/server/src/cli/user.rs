//! `almanac user`: people who sign in.

use std::io::Read;
use std::path::Path;

use almanac_catalog::user::{self, NewUser, Role, User, UserChange};
use almanac_catalog::{Actor, Catalog, reset, second_factor, session, setup};
use serde_json::{Value, json};

use super::arguments::UserCommand;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::world::{World, existing_catalog, open_catalog};
use super::{password, time};

pub(super) async fn run(command: &UserCommand, world: &mut World<'_>) -> Result<(), Failure> {
    match command {
        UserCommand::Add {
            email,
            name,
            role,
            password_file,
            password_stdin,
        } => {
            let role = role.as_deref().map(role_of).transpose()?;
            let source = PasswordSource {
                file: password_file.as_deref(),
                is_input: *password_stdin,
            };
            add((email, name), role, &source, world).await
        }
        UserCommand::List => list(world).await,
        UserCommand::Reset { email }
        | UserCommand::Change { email, .. }
        | UserCommand::Remove { email }
        | UserCommand::SecondFactorOff { email }
        | UserCommand::EndSessions { email } => {
            let catalog = existing_catalog(&world.config.data).await?;
            let done = to_one(command, (&catalog, email), world).await;
            catalog.close().await;
            done
        }
    }
}

/// The commands about one user who exists.
async fn to_one(
    command: &UserCommand,
    (catalog, email): (&Catalog, &str),
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let (known, now) = (user::by_email(catalog, email).await?, (world.clock)());
    let (email, mut value) = (known.email.clone(), json!({ "user": written(&known) }));
    let text = match command {
        UserCommand::Reset { .. } => {
            let token = reset::issue(catalog, known.id, now).await?;
            let link = format!("{}/reset#token={token}", world.config.base_url());
            value["link"] = json!(link);
            format!("{link}\n\nfor {email}; it works once, for an hour\n")
        }
        UserCommand::Change { role, switch, .. } => {
            let change = UserChange {
                role: role.as_deref().map(role_of).transpose()?,
                reach: None,
                is_disabled: switch.as_deref().map(is_off).transpose()?,
            };
            let changed = user::change(catalog, known.id, change, now).await?;
            value = json!({ "user": written(&changed) });
            let state = changed.disabled_at.map_or("on", |_| "off");
            format!("{email} is {}, switched {state}\n", changed.role.name())
        }
        UserCommand::Remove { .. } => {
            user::remove(catalog, known.id, now).await?;
            format!("{email} is removed\n")
        }
        UserCommand::SecondFactorOff { .. } => {
            second_factor::remove(catalog, known.id, now).await?;
            format!("{email} signs in with the password alone\n")
        }
        _ => {
            let ended = session::end_all(catalog, known.id, None, now).await?;
            value["ended"] = json!(ended);
            format!("{ended} sessions of {email} are ended\n")
        }
    };
    Ok(world.output.answer(&value, &text)?)
}

fn is_off(state: &str) -> Result<bool, Failure> {
    match state {
        "on" => Ok(false),
        "off" => Ok(true),
        other => Err(Failure::new(
            ExitCode::Usage,
            format!("--switch {other:?} is neither on nor off"),
        )),
    }
}

fn role_of(text: &str) -> Result<Role, Failure> {
    Role::from_name(text).ok_or_else(|| {
        let names = Role::ALL.map(Role::name).join(", ");
        Failure::new(ExitCode::Usage, format!("role {text:?} is none of {names}"))
    })
}

/// Where the flags say that the password is.
struct PasswordSource<'a> {
    file: Option<&'a Path>,
    is_input: bool,
}

/// Adds a user. Without a role given, the user becomes the owner where nobody is yet: an instance
/// without an owner is of no use to a viewer.
async fn add(
    (email, name): (&str, &str),
    role: Option<Role>,
    source: &PasswordSource<'_>,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let input: Option<&mut dyn Read> = if source.is_input {
        Some(&mut *world.input)
    } else {
        None
    };
    let password = password::obtain(source.file, input, &world.environment)?;
    let catalog = open_catalog(&world.config.data)
        .await?
        .acting(Actor::command_line());
    let role = match role {
        Some(role) => role,
        None if setup::needed(&catalog).await? => Role::Owner,
        None => Role::Viewer,
    };
    let new = NewUser {
        email: email.to_owned(),
        name: name.to_owned(),
        password: password.text.clone(),
        role,
    };
    let user = user::add(&catalog, new, (world.clock)()).await?;
    catalog.close().await;
    let mut value = json!({ "user": written(&user) });
    let mut text = format!("added {} as {}\n", user.email, user.role.name());
    if password.is_generated {
        value["password"] = json!(password.text);
        text.push_str(&format!("password, shown only now: {}\n", password.text));
    }
    Ok(world.output.answer(&value, &text)?)
}

async fn list(world: &mut World<'_>) -> Result<(), Failure> {
    let catalog = existing_catalog(&world.config.data).await?;
    let users = user::list(&catalog).await?;
    catalog.close().await;
    let value = json!({ "users": users.iter().map(written).collect::<Vec<_>>() });
    let rows: Vec<_> = users
        .into_iter()
        .map(|user| {
            let role = user.role.name().to_owned();
            [
                user.id.0.to_string(),
                user.email,
                user.name,
                role,
                time::written(user.created_at),
            ]
        })
        .collect();
    let heading = ["id", "e-mail", "name", "role", "added"];
    let empty = "no users yet; add one with `almanac user add --email …`";
    Ok(world.output.table(&value, heading, &rows, empty)?)
}

fn written(user: &User) -> Value {
    json!({
        "id": user.id.0.to_string(),
        "email": user.email,
        "name": user.name,
        "role": user.role.name(),
        "reach": user.reach.name(),
        "disabled_at": user.disabled_at.map(time::written),
        "created_at": time::written(user.created_at),
    })
}
