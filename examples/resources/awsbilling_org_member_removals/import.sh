# By the IDs of the accounts that were removed
terraform import awsbilling_org_member_removals.example 444455556666/111122223333

# With the role that the resource's assume_role names
terraform import awsbilling_org_member_removals.example 444455556666,arn:aws:iam::999988887777:role/example-management
