//! The least that a provider can be: the wire and the framework of this one, one resource, nobody to ask.
//! What a plan of it takes is Terraform's own, however lean a provider is.

use std::collections::BTreeMap;
use std::sync::Arc;

use awsbilling::framework::{
    Catalog, Client, Computed, Cx, ImportId, Model, Page, Provider, Resource, Result, Server,
};
use tempfile::TempDir;

use crate::harness::{Sandbox, Terraform};
use crate::stage;

/// Serves Terraform, if Terraform has started this program.
pub(crate) fn serve_if_asked() {
    if std::env::var_os("TF_PLUGIN_MAGIC_COOKIE").is_some() {
        awsbilling::protocol::serve(Arc::new(Server::<Bare>::new()));
        std::process::exit(0);
    }
}

/// Terraform with one applied resource of the bare provider, and the folder that leads to it.
pub(crate) fn applied(aws: &Sandbox) -> (Terraform, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("terraform-provider-bare");
    std::os::unix::fs::symlink(std::env::current_exe().unwrap(), program).unwrap();
    let terraform = stage::taking(aws.terraform(), "awsbilling/bare", folder.path());
    terraform.put(
        "main.tf",
        "terraform {\n  required_providers {\n    bare = { source = \"awsbilling/bare\" }\n  }\n}\n\n\
         resource \"bare_thing\" \"one\" {\n  input = \"1\"\n}\n",
    );
    terraform.try_apply().succeeded();
    (terraform, folder)
}

struct Bare;

/// Nothing to say.
#[derive(Clone, Debug, Model)]
pub(crate) struct Unsaid {}

/// Nothing to work with.
#[derive(Clone)]
pub(crate) struct Nobody(Arc<BTreeMap<String, String>>);

impl Client for Nobody {
    fn default_tags(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

impl Provider for Bare {
    const NAME: &'static str = "bare";
    type Config = Unsaid;
    type Client = Nobody;

    async fn configure(_: &Cx, _: Unsaid, _: &str) -> Result<Nobody> {
        Ok(Nobody(Arc::default()))
    }

    fn catalog() -> Catalog<Nobody> {
        Catalog::default().resource::<Thing>()
    }
}

/// Thing that is what it is told to be.
#[derive(Clone, Debug, Model)]
pub(crate) struct Told {
    /// What it is.
    pub(crate) input: String,

    /// What it is called.
    #[attr(stable, identity)]
    pub(crate) id: Computed<String>,
}

struct Thing;

impl Resource for Thing {
    const NAME: &'static str = "thing";
    const PAGE: Page = Page {
        subcategory: "",
        permissions: &[],
    };
    type Model = Told;
    type Client = Nobody;

    fn new(_: Nobody) -> Self {
        Self
    }

    async fn create(&self, _: &Cx, told: Told) -> Result<Told> {
        let id = Computed::Known("one".to_owned());
        Ok(Told { id, ..told })
    }

    async fn read(&self, _: &Cx, told: Told) -> Result<Option<Told>> {
        Ok(Some(told))
    }

    async fn update(&self, _: &Cx, _: Told, told: Told) -> Result<Told> {
        Ok(told)
    }

    async fn delete(&self, _: &Cx, _: Told) -> Result<()> {
        Ok(())
    }

    async fn import(&self, _: &Cx, _: ImportId) -> Result<Told> {
        Ok(Told {
            input: "1".to_owned(),
            id: Computed::Known("one".to_owned()),
        })
    }
}
