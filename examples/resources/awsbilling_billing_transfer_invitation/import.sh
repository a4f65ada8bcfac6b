# By the ID of the management account whose bill it is, its owner's e-mail address, or the ID of the transfer
terraform import awsbilling_billing_transfer_invitation.example 555566667777
terraform import awsbilling_billing_transfer_invitation.example owner@example.com
terraform import awsbilling_billing_transfer_invitation.example rt-exampletransfer

# With the role that the resource's assume_role names
terraform import awsbilling_billing_transfer_invitation.example 555566667777,arn:aws:iam::999988887777:role/example-payer
