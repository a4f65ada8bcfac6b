data "awsbilling_sent_invitations" "example" {
  states = ["OPEN", "REQUESTED"]
}

output "waiting_for" {
  value = data.awsbilling_sent_invitations.example.invitations[*].account_id
}
