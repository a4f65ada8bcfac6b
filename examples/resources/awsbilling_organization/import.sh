# By the ID of the organization, with credentials of its management account
terraform import awsbilling_organization.example o-exampleorgid

# With the role that the resource's assume_role names
terraform import awsbilling_organization.example o-exampleorgid,arn:aws:iam::999988887777:role/example-management
