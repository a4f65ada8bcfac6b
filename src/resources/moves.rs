//! What an account loses with its organization: the words of every plan that takes an account out of one.

use crate::aws::types::AccountId;
use crate::framework::Diagnostic;

/// What ends for an account that moves, leaves or is removed.
///
/// Source: AWS Organizations user guide, "Removing a member account from an organization", "Effects of
/// removing an account from an organization"; AWS Billing user guide, "Using cost allocation tags" and
/// "Turning off reserved instances and Savings Plans discount sharing".
pub(super) const LOSES: &str = "What the organization gave the account ends: service control policies and \
    other policies, resource shares, StackSets, IAM Identity Center access, shared reserved instances and \
    savings plans, and activated cost allocation tags. The old payer keeps the billing history. An account \
    that is a delegated administrator must be deregistered before, and some services delete their data \
    then.";

/// What ends for everybody with an organization that is deleted.
pub(super) const ENDS: &str = "With it end its delegated administrators, service control policies and other \
    policies, resource shares, StackSets, IAM Identity Center access, shared reserved instances and savings \
    plans, and activated cost allocation tags.";

/// Says of an account that is to leave for an invitation that it need not.
pub(super) fn need_not_leave(account_id: &AccountId, next: &str) -> Diagnostic {
    Diagnostic::warning("Account need not leave first").detail(format!(
        "Account {account_id} can accept the invitation of {next} while it is a member of its organization: \
         with awsbilling_org_handshake_accept alone it moves in one step. It then needs no payment method, \
         verified phone number and support plan of its own, and never stands alone. Leave first only if the \
         partner asks for it."
    ))
}
