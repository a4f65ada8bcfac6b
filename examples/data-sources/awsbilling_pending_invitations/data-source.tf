data "awsbilling_pending_invitations" "example" {
  organization_id = "o-exampleorgid"
}

output "expiry_of_invitations" {
  value = {
    for invitation in data.awsbilling_pending_invitations.example.invitations :
    invitation.handshake_id => invitation.expires_at
  }
}
