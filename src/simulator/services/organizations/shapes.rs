//! The strings of the service model that several operations take.

use super::super::input::{Shape, any, pattern};

pub(super) const ACCOUNT_ID: Shape = Shape {
    name: "AccountId",
    min: 0,
    max: 12,
    form: pattern!(r"^\d{12}$"),
};
pub(super) const HANDSHAKE_ID: Shape = Shape {
    name: "HandshakeId",
    min: 0,
    max: 34,
    form: pattern!(r"^h-[0-9a-z]{8,32}$"),
};
pub(super) const TRANSFER_ID: Shape = Shape {
    name: "Id",
    min: 0,
    max: 35,
    form: pattern!(r"^rt-[0-9a-z]{8,32}$"),
};
pub(super) const TRANSFER_NAME: Shape = Shape {
    name: "Name",
    min: 1,
    max: 128,
    form: pattern!(r"^[ -~]+$"),
};
pub(super) const PARTY_ID: Shape = Shape {
    name: "Id",
    min: 1,
    max: 64,
    form: any,
};
pub(super) const NOTES: Shape = Shape {
    name: "Notes",
    min: 0,
    max: 1_024,
    form: any,
};
pub(super) const EMAIL: Shape = Shape {
    name: "Email",
    min: 6,
    max: 64,
    form: pattern!(r"^[^\s@]+@[^\s@]+\.[^\s@]+$"),
};
pub(super) const ACCOUNT_NAME: Shape = Shape {
    name: "AccountName",
    min: 1,
    max: 128,
    form: any,
};
/// AWS refuses this with a reason of its own, see `InvalidInputException`, `INVALID_ROLE_NAME`.
pub(super) const ROLE_NAME: Shape = Shape {
    name: "RoleName",
    min: 0,
    max: 64,
    form: pattern!(r"^[\w+=,.@-]{1,64}$"),
};
pub(super) const CREATE_ACCOUNT_REQUEST_ID: Shape = Shape {
    name: "CreateAccountRequestId",
    min: 0,
    max: 36,
    form: pattern!(r"^car-[a-z0-9]{8,32}$"),
};
pub(super) const SERVICE_PRINCIPAL: Shape = Shape {
    name: "ServicePrincipal",
    min: 1,
    max: 128,
    form: pattern!(r"^[\w+=,.@-]*$"),
};
pub(super) const PARENT_ID: Shape = Shape {
    name: "ParentId",
    min: 0,
    max: 100,
    form: pattern!(r"^(r-[0-9a-z]{4,32})$|^(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$"),
};
pub(super) const UNIT_ID: Shape = Shape {
    name: "OrganizationalUnitId",
    min: 0,
    max: 68,
    form: pattern!(r"^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$"),
};
pub(super) const CHILD_ID: Shape = Shape {
    name: "ChildId",
    min: 0,
    max: 100,
    form: pattern!(r"^\d{12}$|^(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$"),
};
pub(super) const TAGGABLE_ID: Shape = Shape {
    name: "ResourceId",
    min: 0,
    max: 130,
    form: pattern!(
        r"^(r-[0-9a-z]{4,32})$|^\d{12}$|^(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$|^(p-[0-9a-zA-Z_]{8,128})$|^(rt-[0-9a-z]{8,32})$"
    ),
};
