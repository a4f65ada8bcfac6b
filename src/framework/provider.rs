//! The provider as its author writes it: a block, what configuring it makes, and a catalog.

use std::collections::BTreeMap;
use std::future::Future;

use super::context::Cx;
use super::data_source::{self, DataSource};
use super::diagnostic::{Diagnostics, Result};
use super::ephemeral::{self, EphemeralResource};
use super::erased;
use super::fleet::{self, Fleet};
use super::function::{self, Function};
use super::model::Model;
use super::resource::{self, Resource};

/// A provider: its block, and what configuring it makes.
pub trait Provider: Sized + Send + Sync + 'static {
    /// First word of every type name.
    const NAME: &'static str;
    /// The provider block.
    type Config: Model;
    /// What resources and data sources work with.
    type Client: Client;

    /// Takes a provider block that is wholly known.
    fn configure(
        cx: &Cx,
        config: Self::Config,
        terraform_version: &str,
    ) -> impl Future<Output = Result<Self::Client>> + Send;

    /// Relations in the provider block that the model cannot state.
    fn validate(_config: &<Self::Config as Model>::Partial, _problems: &mut Diagnostics) {}

    /// Everything on offer.
    fn catalog() -> Catalog<Self::Client>;
}

/// What configuring a provider makes.
pub trait Client: Clone + Send + Sync + 'static {
    /// Tags that every taggable resource gets unless it says otherwise.
    fn default_tags(&self) -> &BTreeMap<String, String>;
}

/// Everything a provider offers.
pub struct Catalog<C> {
    /// Resources.
    pub resources: Vec<Box<dyn erased::Resource<C>>>,
    /// Data sources.
    pub data_sources: Vec<Box<dyn erased::DataSource<C>>>,
    /// Ephemeral resources.
    pub ephemerals: Vec<Box<dyn erased::Ephemeral<C>>>,
    /// Functions.
    pub functions: Vec<Box<dyn erased::Function>>,
}

impl<C> Default for Catalog<C> {
    fn default() -> Self {
        Self {
            resources: Vec::new(),
            data_sources: Vec::new(),
            ephemerals: Vec::new(),
            functions: Vec::new(),
        }
    }
}

impl<C: Client> Catalog<C> {
    /// Offers nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Offers a resource.
    #[must_use]
    pub fn resource<R: Resource<Client = C>>(mut self) -> Self {
        self.resources.push(Box::new(resource::Erased::<R>::new()));
        self
    }

    /// Offers a fleet.
    #[must_use]
    pub fn fleet<F: Fleet<One: Resource<Client = C>>>(mut self) -> Self {
        self.resources.push(Box::new(fleet::Erased::<F>::new()));
        self
    }

    /// Offers a data source.
    #[must_use]
    pub fn data_source<D: DataSource<Client = C>>(mut self) -> Self {
        let erased = data_source::Erased::<D>::new();
        self.data_sources.push(Box::new(erased));
        self
    }

    /// Offers an ephemeral resource.
    #[must_use]
    pub fn ephemeral<E: EphemeralResource<Client = C>>(mut self) -> Self {
        self.ephemerals
            .push(Box::new(ephemeral::Erased::<E>::new()));
        self
    }

    /// Offers a function.
    #[must_use]
    pub fn function<F: Function>(mut self) -> Self {
        self.functions.push(Box::new(function::Erased::<F>::new()));
        self
    }
}
