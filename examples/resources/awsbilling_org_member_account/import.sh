# By the ID of the account
terraform import awsbilling_org_member_account.example 444455556666

# With the role that the resource's assume_role names
terraform import awsbilling_org_member_account.example 444455556666,arn:aws:iam::999988887777:role/example-management
