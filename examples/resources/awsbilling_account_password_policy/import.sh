# By the ID of the account, with its credentials
terraform import awsbilling_account_password_policy.example 999988887777

# With the role that the resource's assume_role names
terraform import awsbilling_account_password_policy.example 999988887777,arn:aws:iam::999988887777:role/example-management
