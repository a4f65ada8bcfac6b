# By the ID of the organization: all its open invitations, and the members that joined by one
terraform import awsbilling_partner_account_invitations.example o-exampleorgid

# With the role that the resource's assume_role names
terraform import awsbilling_partner_account_invitations.example o-exampleorgid,arn:aws:iam::999988887777:role/example-payer
