//! `almanac user`: people who sign in.

use std::io::Read;
use std::path::Path;

use almanac_catalog::user::{self, NewUser, Role, User};
use serde_json::{Value, json};

use super::arguments::UserCommand;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::world::{World, open_catalog};
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
            let role = Role::from_name(role).ok_or_else(|| {
                let names = Role::ALL.map(Role::name).join(", ");
                Failure::new(ExitCode::Usage, format!("role {role:?} is none of {names}"))
            })?;
            let new = NewUser {
                email: email.clone(),
                name: name.clone(),
                password: String::new(),
                role,
            };
            add(new, password_file.as_deref(), *password_stdin, world).await
        }
        UserCommand::List => list(world).await,
    }
}

async fn add(
    mut new: NewUser,
    password_file: Option<&Path>,
    from_input: bool,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let input: Option<&mut dyn Read> = if from_input {
        Some(&mut *world.input)
    } else {
        None
    };
    let password = password::obtain(password_file, input, &world.environment)?;
    new.password.clone_from(&password.text);
    let catalog = open_catalog(&world.config.data).await?;
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
    let catalog = open_catalog(&world.config.data).await?;
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
    let empty = "no users yet; add one with `almanac user add --email … --role owner`";
    Ok(world.output.table(&value, heading, &rows, empty)?)
}

fn written(user: &User) -> Value {
    json!({
        "id": user.id.0.to_string(),
        "email": user.email,
        "name": user.name,
        "role": user.role.name(),
        "created_at": time::written(user.created_at),
    })
}
