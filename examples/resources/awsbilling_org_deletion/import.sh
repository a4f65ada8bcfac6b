# By the ID of the organization that was deleted, with credentials of the account that managed it
terraform import awsbilling_org_deletion.example o-exampleorgid

# With the role that the resource's assume_role names
terraform import awsbilling_org_deletion.example o-exampleorgid,arn:aws:iam::999988887777:role/example-management
