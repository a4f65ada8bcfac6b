//! An analyzer as AWS sees it: somebody with credentials, who assumes a role and reads objects.

use std::ops::Bound;

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_simulator::world::AccessKey;

use crate::harness::Sandbox;

/// Somebody who reads.
pub(crate) struct Reader {
    endpoint: String,
    credentials: Credentials,
}

impl Sandbox {
    /// Key of the newest data file of a report of the partner in the usual bucket.
    pub(crate) fn key_of(&self, report: &str) -> String {
        self.simulator.world(|world| {
            let bucket = world.bucket("example-reports").unwrap();
            let start = format!("cur/{report}/");
            let mut keys = bucket
                .objects(Bound::Unbounded)
                .map(|(key, ..)| key.to_owned());
            keys.find(|key| key.starts_with(&start) && key.contains("-00001."))
                .expect("nothing was delivered")
        })
    }
}

impl Reader {
    pub(crate) fn of(aws: &Sandbox, key: &AccessKey) -> Self {
        let token = key.session_token.clone();
        Self {
            endpoint: aws.simulator.endpoint(),
            credentials: Credentials::new(&key.id, &key.secret, token, None, "test"),
        }
    }

    /// The same somebody in a role, if its trust policy lets them in.
    pub(crate) fn assuming(&self, role_arn: &str, external_id: Option<&str>) -> Option<Self> {
        let config = aws_sdk_sts::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(&self.endpoint)
            .credentials_provider(self.credentials.clone())
            .build();
        let assume = aws_sdk_sts::Client::from_conf(config)
            .assume_role()
            .role_arn(role_arn)
            .role_session_name("analyzer")
            .set_external_id(external_id.map(str::to_owned));
        let answer = wait(assume.send()).ok()?;
        let made = answer.credentials()?;
        let (id, secret) = (made.access_key_id(), made.secret_access_key());
        let token = Some(made.session_token().to_owned());
        Some(Self {
            endpoint: self.endpoint.clone(),
            credentials: Credentials::new(id, secret, token, None, "test"),
        })
    }

    pub(crate) fn may_read(&self, bucket: &str, key: &str) -> bool {
        wait(self.s3().get_object().bucket(bucket).key(key).send()).is_ok()
    }

    pub(crate) fn may_list(&self, bucket: &str, prefix: &str) -> bool {
        wait(
            self.s3()
                .list_objects_v2()
                .bucket(bucket)
                .prefix(prefix)
                .send(),
        )
        .is_ok()
    }

    pub(crate) fn may_write(&self, bucket: &str, key: &str) -> bool {
        wait(self.s3().put_object().bucket(bucket).key(key).send()).is_ok()
    }

    fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(&self.endpoint)
            .force_path_style(true)
            .credentials_provider(self.credentials.clone())
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work)
}
