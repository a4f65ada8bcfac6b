//! Organizational units, and the policies on them.

use aws_sdk_organizations::types::{ChildType, OrganizationalUnit, ParentType, PolicyType};
use aws_simulator::{Account, Seed, Simulator};

use crate::clients::{code, organizations, reason};
use crate::stage::Stage;

impl Stage {
    async fn root(&self) -> String {
        let roots = self.as_partner().list_roots().send().await.unwrap();
        roots.roots()[0].id().unwrap().to_owned()
    }

    async fn unit(&self, parent: &str, name: &str) -> OrganizationalUnit {
        let create = self.as_partner().create_organizational_unit();
        let create = create.parent_id(parent).name(name).send().await;
        create.unwrap().organizational_unit.unwrap()
    }

    async fn relocate(&self, account: &Account, from: &str, to: &str) -> Result<(), String> {
        let relocate = self
            .as_partner()
            .move_account()
            .account_id(account.id.as_str())
            .source_parent_id(from)
            .destination_parent_id(to);
        match relocate.send().await {
            Ok(_) => Ok(()),
            refused @ Err(_) => Err(code(refused)),
        }
    }
}

#[tokio::test]
async fn an_account_moves_among_units() {
    let stage = Stage::new().await;
    let (member, root) = (stage.member(), stage.root().await);
    let outer = stage.unit(&root, "Outer").await;
    let inner = stage.unit(outer.id().unwrap(), "Inner").await;
    let (outer, inner) = (outer.id().unwrap(), inner.id().unwrap());
    stage.relocate(&member, &root, inner).await.unwrap();

    let parents = stage.as_partner().list_parents();
    let parents = parents.child_id(member.id.as_str()).send().await.unwrap();
    assert_eq!(parents.parents()[0].id(), Some(inner));
    assert_eq!(
        parents.parents()[0].r#type(),
        Some(&ParentType::OrganizationalUnit)
    );
    let list = |parent: &str| {
        stage
            .as_partner()
            .list_accounts_for_parent()
            .parent_id(parent)
            .send()
    };
    let within = list(inner).await.unwrap();
    assert_eq!(within.accounts()[0].id(), Some(member.id.as_str()));
    assert!(list(outer).await.unwrap().accounts().is_empty());
    assert_eq!(list(&root).await.unwrap().accounts().len(), 1);
    let path = format!(
        "{}/{root}/{outer}/{inner}/{}/",
        stage.organization.id, member.id
    );
    assert_eq!(within.accounts()[0].paths(), [path]);

    assert_eq!(
        stage.relocate(&member, inner, inner).await,
        Err("DuplicateAccountException".to_owned())
    );
    assert_eq!(
        stage.relocate(&member, outer, &root).await,
        Err("SourceParentNotFoundException".to_owned())
    );
    assert_eq!(
        stage.relocate(&member, inner, "ou-abcd-12345678").await,
        Err("DestinationParentNotFoundException".to_owned())
    );
    assert_eq!(
        stage.relocate(&stage.customer, &root, inner).await,
        Err("AccountNotFoundException".to_owned())
    );
}

#[tokio::test]
async fn units_are_named_listed_and_taken_away() {
    let stage = Stage::new().await;
    let (member, root) = (stage.member(), stage.root().await);
    let unit = stage.unit(&root, "Unit").await;
    let id = unit.id().unwrap();
    stage.unit(&root, "Other").await;
    let again = stage.as_partner().create_organizational_unit();
    let again = again.parent_id(&root).name("Unit").send().await;
    assert_eq!(code(again), "DuplicateOrganizationalUnitException");
    let rename = stage.as_partner().update_organizational_unit();
    let rename = rename.organizational_unit_id(id).name("Renamed");
    rename.send().await.unwrap();
    let describe = stage.as_partner().describe_organizational_unit();
    let described = describe.organizational_unit_id(id).send().await.unwrap();
    let described = described.organizational_unit.unwrap();
    assert_eq!(described.name(), Some("Renamed"));
    assert_eq!(
        described.path(),
        Some(format!("{}/{root}/{id}/", stage.organization.id).as_str())
    );
    let list = stage.as_partner().list_organizational_units_for_parent();
    let list = list.parent_id(&root).send().await.unwrap();
    assert_eq!(list.organizational_units().len(), 2);

    stage.relocate(&member, &root, id).await.unwrap();
    let children = stage.as_partner().list_children();
    let children = children.parent_id(id).child_type(ChildType::Account);
    let children = children.send().await.unwrap();
    assert_eq!(children.children()[0].id(), Some(member.id.as_str()));
    let delete = || {
        let delete = stage.as_partner().delete_organizational_unit();
        delete.organizational_unit_id(id).send()
    };
    assert_eq!(code(delete().await), "OrganizationalUnitNotEmptyException");
    stage.relocate(&member, id, &root).await.unwrap();
    delete().await.unwrap();
    assert_eq!(code(delete().await), "OrganizationalUnitNotFoundException");
}

#[tokio::test]
async fn units_are_five_levels_deep() {
    let stage = Stage::new().await;
    let mut parent = stage.root().await;
    for level in 0..5 {
        let unit = stage.unit(&parent, &format!("Level {level}")).await;
        parent = unit.id.unwrap();
    }
    let deeper = stage.as_partner().create_organizational_unit();
    let deeper = deeper.parent_id(&parent).name("Too deep").send().await;
    assert_eq!(
        reason(deeper),
        "ConstraintViolationException/OU_DEPTH_LIMIT_EXCEEDED"
    );
}

#[tokio::test]
async fn policies_are_listed_with_what_they_are_on() {
    let simulator = Simulator::start().await.unwrap();
    let seed = r#"{"accounts": [{"name": "Payer", "id": "111122223333"}, {"name": "Member", "id": "444455556666"}],
        "organizations": [{"id": "o-aaaaaaaaaa", "management": "111122223333",
            "units": [{"name": "Workloads"}, {"name": "Production", "within": "Workloads"}],
            "policies": [{"name": "DenyLeaving", "targets": ["Production", "444455556666"]}, {"name": "Regions", "targets": ["root"]}],
            "members": [{"id": "444455556666", "unit": "Production"}]}]}"#;
    simulator.sow(Seed::parse(seed).unwrap()).unwrap();
    let key = simulator.world(|world| world.keys(&"111122223333".into()));
    let payer = Account {
        id: "111122223333".into(),
        key,
    };
    let client = organizations(&simulator, &payer);
    let all = client.list_policies();
    let all = all.filter(PolicyType::ServiceControlPolicy).send().await;
    assert_eq!(all.unwrap().policies().len(), 3);
    let on_member = client.list_policies_for_target().target_id("444455556666");
    let on_member = on_member.filter(PolicyType::ServiceControlPolicy);
    let on_member = on_member.send().await.unwrap();
    let mut names: Vec<_> = on_member
        .policies()
        .iter()
        .map(|policy| policy.name().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["DenyLeaving", "FullAWSAccess"]);
    let tags = client.list_policies().filter(PolicyType::TagPolicy);
    assert!(tags.send().await.unwrap().policies().is_empty());
    let stranger = client.list_policies_for_target().target_id("999999999999");
    let stranger = stranger.filter(PolicyType::ServiceControlPolicy);
    assert_eq!(code(stranger.send().await), "TargetNotFoundException");
}

#[tokio::test]
async fn access_of_a_service_ends_after_its_administrators() {
    let stage = Stage::new().await;
    let (member, service) = (stage.member(), "config.amazonaws.com");
    let partner = stage.as_partner();
    let enable = partner.enable_aws_service_access();
    enable.service_principal(service).send().await.unwrap();
    let register = partner.register_delegated_administrator();
    let register = register.account_id(member.id.as_str());
    register.service_principal(service).send().await.unwrap();
    let disable = || {
        let disable = partner.disable_aws_service_access();
        disable.service_principal(service).send()
    };
    assert_eq!(
        reason(disable().await),
        "ConstraintViolationException/DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE"
    );
    let deregister = partner.deregister_delegated_administrator();
    let deregister = deregister.account_id(member.id.as_str());
    deregister.service_principal(service).send().await.unwrap();
    disable().await.unwrap();
    let list = partner.list_aws_service_access_for_organization();
    assert!(
        list.send()
            .await
            .unwrap()
            .enabled_service_principals()
            .is_empty()
    );
}
