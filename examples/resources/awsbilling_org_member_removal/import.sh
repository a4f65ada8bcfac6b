# By the ID of the account that was removed
terraform import awsbilling_org_member_removal.example 444455556666

# With the role that the resource's assume_role names
terraform import awsbilling_org_member_removal.example 444455556666,arn:aws:iam::999988887777:role/example-management
