# By the ID of the account that was invited
terraform import awsbilling_partner_account_invitation.example 111122223333

# By the e-mail address that was invited
terraform import awsbilling_partner_account_invitation.example owner@customer.example.com

# By the ID of the handshake, as long as AWS knows it
terraform import awsbilling_partner_account_invitation.example h-examplehandshakeid111

# With the role that the resource's assume_role names
terraform import awsbilling_partner_account_invitation.example 111122223333,arn:aws:iam::999988887777:role/example-payer
